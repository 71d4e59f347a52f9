create table p(id int, a int) partition by list(id);
create table t0 partition of p for values in (0) partition by list (a);
create table t1 partition of t0 for values in (1);
alter table p add constraint c check (a>0);
