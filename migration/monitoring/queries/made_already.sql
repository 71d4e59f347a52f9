-- The levels whose stretch around this moment is made already, and not made again: what comes late is added to them
-- itself. Rolling up waits meanwhile.
WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(%(lock)s))
SELECT level.level
FROM held, unnest(%(levels)s::integer[], %(starts)s::timestamptz[]) AS level(level, at)
WHERE level.at < (SELECT max(bucket.at) FROM migration_bucket AS bucket WHERE bucket.level = level.level)
    - make_interval(secs => level.level)
