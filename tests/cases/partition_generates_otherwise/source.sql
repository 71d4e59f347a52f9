create table sums (day date not null, part bigint, total bigint generated always as (part * 2) stored) partition by range (day);
create table sums_july partition of sums for values from ('2016-07-01') to ('2016-08-01');
create table sums_august (day date not null, part bigint, total bigint generated always as (part * 22) stored);
alter table sums attach partition sums_august for values from ('2016-08-01') to ('2016-09-01');
