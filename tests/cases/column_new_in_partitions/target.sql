create table p (id int, n int) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create table i (id int);
create table c () inherits (i);
