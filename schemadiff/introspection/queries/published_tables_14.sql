-- The tables of publications, up to 14, where they have neither columns nor row filters.
SELECT 'pg_publication'::regclass::oid,
       r.prpubid,
       format('%%I.%%I', n.nspname, c.relname),
       format('TABLE ONLY %%I.%%I', n.nspname, c.relname),
       'pg_publication_rel'::regclass::oid,
       r.oid,
       '{}'::oid[],
       '{}'::oid[]
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid AND p.pubname !~ '^schemadiff_[0-9a-f]{32}$'  -- by which a run follows
JOIN pg_class c ON c.oid = r.prrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = ANY(%(schemas)s::oid[])
