CREATE FOREIGN DATA WRAPPER remote;
CREATE SERVER archive FOREIGN DATA WRAPPER remote;
CREATE TABLE visits (day date NOT NULL, client integer) PARTITION BY RANGE (day);
CREATE TABLE visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE FOREIGN TABLE visits_2024 (day date NOT NULL, client integer) SERVER archive;
CREATE TABLE events (id integer);
CREATE FOREIGN TABLE old_events (id integer) SERVER archive;
CREATE FOREIGN TABLE base (id integer, more text) SERVER archive;
