create table events (tenant int, at timestamp) partition by list (tenant);
create table events_a partition of events for values in (1) partition by hash (at);
create table events_a_1 partition of events_a for values with (modulus 2, remainder 1);
create table events_b partition of events for values in (2, 3);
create index events_at on only events (at, tenant);
