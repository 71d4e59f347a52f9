create table sums (part bigint, n int, total numeric generated always as (part * 2) stored) partition by list (n);
create table sums_a partition of sums for values in (1);
create table sums_b (part bigint, n int, total numeric generated always as (part * 22) stored);
alter table sums attach partition sums_b for values in (2);
create view totals as select n, sum(total) as total from sums group by n;
