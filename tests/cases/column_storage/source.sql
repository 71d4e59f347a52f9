create table t (id int primary key, a text, b text, c varchar(30), d text);
alter table t alter a set storage external, alter a set compression pglz, alter b set statistics 500, alter b set (n_distinct = 7), alter c set storage main, alter d set (n_distinct = -0.5);
create table p (id int, x text, y varchar(20)) partition by list (id);
alter table p alter x set storage main;
create table p1 partition of p for values in (1); alter table only p1 alter x set storage external;
create table p2 partition of p for values in (2); alter table only p2 alter x set storage extended;
alter table only p1 alter y set storage plain;
create table fresh (a text); alter table fresh alter a set storage plain, alter a set statistics 0;
