-- What one database and its server say of themselves, in one row. Counters are since the last reset; slots are those
-- of the server, with the log that each holds back and how far behind whoever streams from it is.
WITH position AS (
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn
)
SELECT database.xact_commit, database.xact_rollback, database.blks_hit, database.blks_read,
       (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend'),
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
       (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8
        FROM pg_catalog.pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()),
       coalesce((
           SELECT jsonb_agg(jsonb_build_array(
                      slot.slot_name, pg_wal_lsn_diff(position.lsn, slot.restart_lsn)::float8 / 1048576,
                      CASE WHEN slot.active THEN coalesce(extract(epoch FROM
                          greatest(sender.write_lag, sender.flush_lag, sender.replay_lag)), 0)::float8 END)
                  ORDER BY slot.slot_name)
           FROM pg_catalog.pg_replication_slots AS slot CROSS JOIN position
           LEFT JOIN pg_catalog.pg_stat_replication AS sender ON sender.pid = slot.active_pid
           WHERE slot.restart_lsn IS NOT NULL), '[]'),
       (SELECT quote_ident(schema.nspname) FROM pg_catalog.pg_extension AS extension
        JOIN pg_catalog.pg_namespace AS schema ON schema.oid = extension.extnamespace
        WHERE extension.extname = 'pg_stat_statements')
FROM pg_catalog.pg_stat_database AS database WHERE database.datname = current_database()
