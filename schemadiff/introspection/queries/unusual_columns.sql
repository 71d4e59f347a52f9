-- Columns of which more is to be said than columns.sql does: few, where a table has no parents. They are found in one
-- scan before anything is joined. Access lists come with their relation's owner: columns have none by themselves.
WITH unusual AS MATERIALIZED (
    SELECT a.*, t.typcollation, t.typstorage
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = ANY(%(relations)s::oid[])
      AND (a.attnum > 0 OR a.attacl IS NOT NULL)  -- system columns (tableoid) are not compared, but named
      AND NOT a.attisdropped
      AND (
          a.attcollation NOT IN (0, t.typcollation)
          OR a.attstorage <> t.typstorage
          OR a.attcompression <> ''
          OR a.attstattarget >= 0  -- the default is -1 up to 16, NULL since
          OR a.attoptions IS NOT NULL AND NOT (cardinality(a.attoptions) = 1 AND a.attoptions[1] LIKE 'pg\_attver=%%')
          OR a.attfdwoptions IS NOT NULL
          OR a.attinhcount > 0
          OR a.attacl IS NOT NULL
      )
)
SELECT a.attrelid,
       a.attnum,
       CASE WHEN a.attcollation NOT IN (0, a.typcollation) THEN a.attcollation::regcollation::text END,
       CASE WHEN s.stored AND a.attstorage <> a.typstorage THEN
           CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'm' THEN 'main' WHEN 'e' THEN 'external' ELSE 'extended' END
       END,
       CASE WHEN s.stored THEN CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END END,
       CASE WHEN s.stored AND a.attstattarget >= 0 THEN a.attstattarget::integer END,
       CASE WHEN s.stored THEN (  -- n_distinct and n_distinct_inherited: numbers
           -- a server's own count of a column's versions (15.20 has it), which nobody can set, is no schema
           SELECT string_agg(option, ',') FROM unnest(a.attoptions) option WHERE option NOT LIKE 'pg\_attver=%%'
       ) END,
       CASE WHEN a.attfdwoptions IS NOT NULL THEN (
           SELECT json_object_agg(option_name, CASE
               WHEN option_name !~* %(secret_names)s AND option_value !~* %(secret_values)s THEN option_value
           END)
           FROM pg_options_to_table(a.attfdwoptions)
       )::text END,
       a.attinhcount > 0 AND NOT c.relispartition,
       a.attislocal OR c.relispartition,
       pg_get_userbyid(c.relowner),
       a.attacl::text[]
FROM unusual a
JOIN pg_class c ON c.oid = a.attrelid
CROSS JOIN LATERAL (SELECT c.relkind IN ('r', 'p', 'm', 'f')) s (stored)
ORDER BY a.attrelid, a.attnum
