-- Foreign keys of other tables that refer to tables of these OIDs, but for those of parked tables; every name is
-- qualified where the search path is empty. A partition's copy of its parent's key is left out.
SELECT k.conrelid, n.nspname, c.relname, k.conname, pg_catalog.pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = ANY (%(tables)s) AND k.conrelid <> ALL (%(tables)s)
  AND n.nspname NOT LIKE 'schemadiff\_parked\_%%'
ORDER BY n.nspname, c.relname, k.conname
