create table a (x int, y int not null, constraint one check (x > 0));
create table c (z int, constraint own check (z > 0)) inherits (a);
create table d (constraint one check (x > 0)) inherits (c);
create table p (id int, constraint positive check (id > 0)) partition by list (id);
create table p1 partition of p for values in (4);
