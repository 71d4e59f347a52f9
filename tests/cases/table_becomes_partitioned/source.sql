create table metric (id bigint generated always as identity, at timestamptz not null, value real, primary key (id, at)) partition by range (at);
create table metric_2024 partition of metric for values from ('2024-01-01') to ('2025-01-01');
create table metric_rest partition of metric default;
create index metric_at on metric using brin (at);
create view metrics as select at, value from metric;
