-- The columns of a table that hold numbers of objects, also by a domain such as that of the extension lo.
SELECT a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = pg_catalog.to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
  AND 'pg_catalog.oid'::pg_catalog.regtype IN (t.oid, t.typbasetype)
ORDER BY a.attnum
