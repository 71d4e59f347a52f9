-- Which of these names are tables now, with their partitions.
SELECT DISTINCT c.oid, n.nspname, c.relname
FROM pg_catalog.unnest(%s::text[]) AS w (name)
CROSS JOIN LATERAL (
    SELECT pg_catalog.to_regclass(w.name)::oid
    UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(w.name)) t
) AS part (oid)
JOIN pg_catalog.pg_class c ON c.oid = part.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
ORDER BY 2, 3
