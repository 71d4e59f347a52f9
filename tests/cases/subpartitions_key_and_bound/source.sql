create table meter (at date, place text collate "C", n int) partition by range (at);
create table meter_24 partition of meter for values from ('2024-01-01') to ('2025-01-01') partition by list (place);
create table meter_24_a partition of meter_24 for values in ('a');
create table meter_23 partition of meter for values from ('2023-01-01') to ('2024-01-01');
create trigger quiet before update on meter for each row execute function suppress_redundant_updates_trigger();
alter table meter_23 disable trigger quiet;
