create table events (tenant int, at timestamp) partition by list (tenant);
create table events_a partition of events for values in (1) partition by hash (at);
create table events_a_0 partition of events_a for values with (modulus 3, remainder 0);
create table events_a_1 partition of events_a for values with (modulus 3, remainder 1);
create table events_a_2 partition of events_a for values with (modulus 3, remainder 2);
create table events_b partition of events for values in (2);
create index events_at on events (at desc, tenant);
create index events_tenant on events (tenant);
