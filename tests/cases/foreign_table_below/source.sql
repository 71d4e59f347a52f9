CREATE FOREIGN DATA WRAPPER remote;
CREATE SERVER archive FOREIGN DATA WRAPPER remote;
CREATE TABLE visits (day date NOT NULL, client integer, note text) PARTITION BY RANGE (day);
CREATE TABLE visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE FOREIGN TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
    SERVER archive OPTIONS (table_name 'visits_2024');
CREATE FOREIGN TABLE visits_2023 PARTITION OF visits FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')
    SERVER archive;
ALTER FOREIGN TABLE visits_2023 ALTER COLUMN note OPTIONS (column_name 'remark');
CREATE TABLE events (id integer, what text);
CREATE FOREIGN TABLE old_events (id integer, what text) INHERITS (events) SERVER archive;
CREATE FOREIGN TABLE base (id integer) SERVER archive;
CREATE TABLE child (extra text) INHERITS (base);
