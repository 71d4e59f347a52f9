-- Sizes of tables in bytes, with indexes. pg_total_relation_size() opens every index and takes longer than reading the whole
-- catalog, so these are the pages that VACUUM, ANALYZE or CREATE INDEX counted last; the heap's own file where none did.
SELECT c.oid,
       current_setting('block_size')::bigint * (
           coalesce(s.relpages, 0) + coalesce(x.pages, 0)
       ) + CASE WHEN c.relpages > 0 THEN current_setting('block_size')::bigint * c.relpages
                WHEN c.relkind = 'r' THEN pg_relation_size(c.oid) ELSE 0 END
FROM pg_class c
LEFT JOIN pg_class s ON s.oid = c.reltoastrelid
LEFT JOIN (
    SELECT k.indrelid AS relation, sum(x.relpages) AS pages
    FROM pg_index k JOIN pg_class x ON x.oid = k.indexrelid
    GROUP BY k.indrelid
) x ON x.relation = c.oid
WHERE c.oid = ANY(%(relations)s::oid[])
  AND c.relkind IN ('r', 'p', 'f')
