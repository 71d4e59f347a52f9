create table metric (id bigint generated always as identity primary key, at timestamptz not null, value real);
create index metric_at on metric using brin (at);
create view metrics as select at, value from metric;
