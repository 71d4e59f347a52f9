CREATE TABLE made (id integer, note text)
    WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02,
          toast.autovacuum_vacuum_scale_factor = 0.1, toast.autovacuum_enabled = false);
CREATE TABLE gets_one_between (id integer)
    WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
CREATE TABLE gets_one_last (id integer) WITH (fillfactor = 70, autovacuum_enabled = false);
CREATE VIEW seen WITH (security_invoker = true, security_barrier = true, check_option = local) AS SELECT id FROM made;
CREATE INDEX made_note ON made USING gin (to_tsvector('simple', note)) WITH (gin_pending_list_limit = 128, fastupdate = on);
CREATE MATERIALIZED VIEW kept WITH (fillfactor = 60, autovacuum_enabled = false) AS SELECT id FROM made;
