-- Indexes that are being built by the sessions of one run, on whichever machine these are: each holds the run's lock.
-- Which index that is the server does not say before it is there, so the statement does; of a long one only its start.
SELECT a.query, n.nspname || '.' || c.relname, p.phase,
       CASE WHEN p.blocks_total > 0 AND p.blocks_done < p.blocks_total THEN p.blocks_done::float / p.blocks_total
            WHEN p.tuples_total > 0 THEN least(p.tuples_done::float / p.tuples_total, 1) END
FROM pg_catalog.pg_stat_progress_create_index p
JOIN pg_catalog.pg_stat_activity a ON a.pid = p.pid
JOIN pg_catalog.pg_class c ON c.oid = p.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE p.datname = pg_catalog.current_database() AND EXISTS (
    SELECT FROM pg_catalog.pg_locks l
    WHERE l.pid = p.pid AND l.locktype = 'advisory' AND l.objsubid = 2
      AND l.classid::bigint = %(space)s AND l.objid::bigint = %(number)s)
ORDER BY a.query_start, p.pid
