-- Indexes of tables and materialized views.
SELECT i.indexrelid,
       i.indrelid,
       n.nspname,
       c.relname,
       pg_get_indexdef(i.indexrelid),
       m.amname,
       i.indisunique,
       (i.indkey::int2[])[0:i.indnkeyatts - 1],
       pg_get_expr(i.indpred, i.indrelid),
       i.indisvalid,
       i.indisclustered,
       i.indisreplident,
       CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(  -- only expressions have statistics of their own
           SELECT ARRAY[a.attnum::integer, a.attstattarget::integer]
           FROM pg_attribute a
           WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0  -- the default is -1 up to 16, NULL since
           ORDER BY a.attnum
       ) END,
       d.description
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE i.indrelid = ANY(%(relations)s::oid[])
  AND i.indislive              -- being dropped concurrently
  AND NOT c.relispartition     -- a partition's share of its parent's index
  AND NOT EXISTS (             -- owned by a constraint, which is listed instead
      SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
  )
