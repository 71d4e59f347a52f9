-- The triggers of a table and of its partitions that rows written by a run would fire: its inserts, and its deletes
-- where a row is taken out again; by a repair its updates, too. Not those that PostgreSQL made itself (foreign keys), nor their copies on partitions.
SELECT t.tgname, t.tgenabled
FROM pg_catalog.pg_trigger t
WHERE t.tgrelid IN (SELECT pg_catalog.to_regclass(%s)
                    UNION SELECT relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(%s)))
  AND NOT t.tgisinternal AND t.tgparentid = 0
  AND t.tgtype & %s <> 0 -- INSERT 4, DELETE 8, UPDATE 16
  AND t.tgenabled <> 'D'
ORDER BY t.tgname
