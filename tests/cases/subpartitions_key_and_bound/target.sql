create table meter (at date, place text, n int) partition by range (at);
create table meter_24 partition of meter for values from ('2024-01-01') to ('2026-01-01') partition by list (place);
create table meter_24_a partition of meter_24 for values in ('a');
create table meter_23 (at date, place text, n int);
