create table trip (id int, at date);
create table trip_24 (id int, at date, check (at >= '2024-01-01' and at < '2025-01-01')) inherits (trip);
create table trip_25 (id int, at date, check (at >= '2025-01-01' and at < '2026-01-01')) inherits (trip);
create function sort_trip() returns trigger language plpgsql as 'begin return null; end';
create trigger sort before insert on trip for each row execute function sort_trip();
