CREATE TABLE visits (day date NOT NULL, client bigint) PARTITION BY RANGE (day);
CREATE TABLE visits_2024 (day date NOT NULL, client bigint);
CREATE TABLE visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
