-- The schemas whose tables publications publish, since 15. What each needs is the schema.
SELECT 'pg_publication'::regclass::oid,
       p.pnpubid,
       format('TABLES IN SCHEMA %%I', n.nspname),
       format('TABLES IN SCHEMA %%I', n.nspname),
       'pg_publication_namespace'::regclass::oid,
       p.oid,
       ARRAY['pg_namespace'::regclass::oid],
       ARRAY[n.oid]
FROM pg_publication_namespace p
JOIN pg_namespace n ON n.oid = p.pnnspid
WHERE n.oid = ANY(%(schemas)s::oid[])
