create table p (id int, a int) partition by list (id);
create table p1 partition of p for values in (1);
create table p2 partition of p for values in (2);
create index own on p1 (id nulls first, a);
