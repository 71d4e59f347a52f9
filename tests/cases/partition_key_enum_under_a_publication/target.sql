create type state as enum ('old', 'new');
create table events (id int, state state not null) partition by list (state);
create table events_new partition of events for values in ('new');
create table events_rest partition of events default;
create publication pub for table events where (id > 5) with (publish_via_partition_root = true);
create publication parts for table events_new;
