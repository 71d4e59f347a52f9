-- Rows, as the last ANALYZE or VACUUM counted them, and bytes of tables with all their partitions; NULL rows: never
-- counted. Names that are no table are left out.
SELECT w.name, CASE WHEN bool_or(c.reltuples < 0) THEN NULL ELSE sum(c.reltuples)::bigint END,
       sum(pg_catalog.pg_table_size(c.oid))::bigint
FROM pg_catalog.unnest(%s::text[]) AS w (name)
CROSS JOIN LATERAL (
    SELECT t.relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(w.name)) t WHERE t.isleaf
    UNION SELECT pg_catalog.to_regclass(w.name) WHERE NOT EXISTS
        (SELECT FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = pg_catalog.to_regclass(w.name))
) AS part (oid)
JOIN pg_catalog.pg_class c ON c.oid = part.oid
GROUP BY w.name
