-- Tables that hold rows of this database (foreign ones do not), each with the table that it is a partition of, of
-- whatever level; others with themselves.
SELECT n.nspname, c.relname, rn.nspname, r.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class r ON r.oid = coalesce(pg_catalog.pg_partition_root(c.oid), c.oid)
JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
