create table trip (id int, at date) partition by range (at);
create table trip_24 partition of trip for values from ('2024-01-01') to ('2025-01-01');
create table trip_25 partition of trip for values from ('2025-01-01') to ('2026-01-01');
create index trip_id on trip (id);
