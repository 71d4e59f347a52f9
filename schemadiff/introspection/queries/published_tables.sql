-- The tables of publications with their columns and row filters (both since 15). PostgreSQL keeps the columns in the
-- table's order, whatever was said: here by name, whatever that order is.
SELECT 'pg_publication'::regclass::oid,
       r.prpubid,
       format('%%I.%%I', n.nspname, c.relname),
       concat(
           format('TABLE ONLY %%I.%%I', n.nspname, c.relname),
           ' (' || (
               SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C")
               FROM unnest(r.prattrs) number
               JOIN pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = number
           ) || ')',
           ' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')'
       ),
       'pg_publication_rel'::regclass::oid,
       r.oid,
       '{}'::oid[],
       '{}'::oid[]
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid AND p.pubname !~ '^schemadiff_[0-9a-f]{32}$'  -- by which a run follows
JOIN pg_class c ON c.oid = r.prrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = ANY(%(schemas)s::oid[])
