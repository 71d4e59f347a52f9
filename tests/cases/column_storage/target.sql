create table t (id int primary key, a text, b text, c varchar(20), d text);
alter table t alter b set storage external, alter b set (n_distinct = 8), alter c set storage main, alter d set (n_distinct_inherited = 3), alter d set compression pglz;
create table p (id int, x text, y varchar(10)) partition by list (id);
create table p1 partition of p for values in (1); alter table only p1 alter y set storage plain;
