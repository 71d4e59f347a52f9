-- Columns of tables and views: what every column has. Which columns have an identity is decided by sequences.sql: since
-- 17 a partition's column shows its parent's identity, before it shows none.
SELECT a.attrelid,
       f.oid,
       k.conname,  -- of its NOT NULL, which is a constraint since 18
       -- from here on without names of the table's own, so that equal columns of two tables are the same row
       a.attnum,
       a.attname,
       format_type(a.atttypid, a.atttypmod),
       a.attnotnull,
       -- a default names no column: without its table there is less to look up
       pg_get_expr(f.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE f.adrelid END),
       a.attidentity::text,
       a.attgenerated::text,
       CASE WHEN k.connoinherit OR NOT k.convalidated OR k.coninhcount > 0 OR kd.description IS NOT NULL THEN
           json_build_array(
               k.connoinherit,
               k.convalidated,
               k.conislocal AND k.coninhcount > 0,
               k.coninhcount > 0 AND NOT k.conislocal,
               kd.description
           )::text
       END,
       d.description
FROM pg_attribute a
LEFT JOIN pg_constraint k ON k.contype = 'n' AND k.conrelid = a.attrelid AND k.conkey[1] = a.attnum
LEFT JOIN pg_description kd ON kd.classoid = 'pg_constraint'::regclass AND kd.objoid = k.oid
LEFT JOIN pg_attrdef f ON a.atthasdef AND f.adrelid = a.attrelid AND f.adnum = a.attnum
LEFT JOIN pg_description d
       ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
WHERE a.attrelid = ANY(%(relations)s::oid[])
  AND a.attnum > 0          -- system columns
  AND NOT a.attisdropped    -- a dropped column keeps its row until the table is rewritten
ORDER BY a.attrelid, a.attnum
