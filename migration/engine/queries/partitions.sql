-- All partitions, of whatever level, of the tables of these names.
SELECT n.nspname, c.relname
FROM pg_catalog.unnest(%s::text[]) AS w (name)
CROSS JOIN LATERAL pg_catalog.pg_partition_tree(pg_catalog.to_regclass(w.name)) t
JOIN pg_catalog.pg_class c ON c.oid = t.relid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE t.level > 0
