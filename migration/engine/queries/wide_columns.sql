-- Tables of which more than so many bytes are stored beside their rows (TOAST, of all partitions together), their columns
-- that can be stored so, and of these the ones whose width is known without reading them. The smallest tables first.
SELECT n.nspname, c.relname, columns.every, columns.known, beside.bytes
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name AND c.relkind IN ('r', 'p', 'm')
CROSS JOIN LATERAL (
    SELECT sum(pg_catalog.pg_relation_size(t.reltoastrelid))::bigint AS bytes,
           sum(pg_catalog.pg_relation_size(t.oid))::bigint AS rows
    FROM (SELECT c.oid UNION SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)) AS part (oid)
    JOIN pg_catalog.pg_class t ON t.oid = part.oid
    WHERE t.reltoastrelid <> 0
) AS beside
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY a.attnum) AS every,
           coalesce(
               array_agg(a.attname::text ORDER BY a.attnum)
                   FILTER (WHERE a.atttypid = ANY (ARRAY['text', 'bytea', 'varchar', 'bpchar']::regtype[])),
               '{}'
           ) AS known
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen = -1
        AND a.attstorage IN ('x', 'e', 'm') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
) AS columns
WHERE beside.bytes > %(beside)s AND columns.every IS NOT NULL
ORDER BY beside.rows, 1, 2
