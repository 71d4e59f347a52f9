-- Columns of tables and views. Which columns have an identity is decided by sequences.sql: since 17
-- a partition's column shows its parent's identity, before it shows none.
SELECT a.attrelid,
       f.oid,
       a.attnum,
       a.attname,
       format_type(a.atttypid, a.atttypmod),
       a.attnotnull,
       -- a default names no column: without its table there is less to look up
       pg_get_expr(f.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE f.adrelid END),
       CASE WHEN a.attcollation NOT IN (0, t.typcollation) THEN a.attcollation::regcollation::text END,
       a.attidentity::text,
       a.attgenerated::text,
       CASE WHEN a.attstorage <> t.typstorage THEN
           CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'm' THEN 'main' WHEN 'e' THEN 'external' ELSE 'extended' END
       END,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
       CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::integer END,  -- the default is -1 up to 16, NULL since
       array_to_string(a.attoptions, ','),  -- n_distinct and n_distinct_inherited: numbers
       c.relkind IN ('r', 'p', 'm', 'f'),
       CASE WHEN a.attfdwoptions IS NOT NULL THEN (
           SELECT json_object_agg(option_name, CASE
               WHEN option_name !~* %(secret_names)s AND option_value !~* %(secret_values)s THEN option_value
           END)
           FROM pg_options_to_table(a.attfdwoptions)
       )::text END,
       a.attinhcount > 0 AND NOT c.relispartition,
       a.attislocal OR c.relispartition,
       -- what a NOT NULL says, since 18; its name is not sent where it is the usual one
       n.name,
       CASE WHEN n.name IS NOT NULL THEN c.relname END,
       -- what is usual is NULL, as it is where there is no such constraint: then the rows are the same
       NULLIF(k.connoinherit, false),
       NULLIF(k.convalidated, true),
       NULLIF(k.conislocal AND k.coninhcount > 0, false),
       NULLIF(k.coninhcount > 0 AND NOT k.conislocal, false),
       kd.description,
       d.description
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_constraint k ON k.contype = 'n' AND k.conrelid = a.attrelid AND k.conkey[1] = a.attnum
CROSS JOIN LATERAL (
    SELECT CASE WHEN k.conname <> concat(c.relname, '_', a.attname, '_not_null') THEN k.conname END
) n (name)
LEFT JOIN pg_description kd ON kd.classoid = 'pg_constraint'::regclass AND kd.objoid = k.oid
LEFT JOIN pg_attrdef f ON a.atthasdef AND f.adrelid = a.attrelid AND f.adnum = a.attnum
LEFT JOIN pg_description d
       ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
WHERE a.attrelid = ANY(%(relations)s::oid[])
  AND a.attnum > 0          -- system columns
  AND NOT a.attisdropped    -- a dropped column keeps its row until the table is rewritten
ORDER BY a.attrelid, a.attnum
