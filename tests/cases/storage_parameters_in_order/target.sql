CREATE TABLE gets_one_between (id integer) WITH (fillfactor = 70, autovacuum_analyze_scale_factor = 0.02);
CREATE TABLE gets_one_last (id integer) WITH (fillfactor = 70);
