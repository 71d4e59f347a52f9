-- How many seconds the slowest replica is behind (of a standby: itself), and how many sessions of others are at work.
SELECT greatest(
           (SELECT max(extract(epoch FROM greatest(write_lag, flush_lag, replay_lag))) FROM pg_catalog.pg_stat_replication),
           CASE WHEN pg_is_in_recovery() AND pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn()
               THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END,
           0
       )::float8,
       (SELECT count(*) FROM pg_catalog.pg_stat_activity
        WHERE state = 'active' AND backend_type = 'client backend'
            AND application_name <> 'schemadiff' AND pid <> pg_backend_pid())
