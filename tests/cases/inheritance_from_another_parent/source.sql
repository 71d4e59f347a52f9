create table a (x int, y int not null, constraint k check (x > 0));
create table b (x int, y int not null, constraint k check (x > 0));
create table e () inherits (b);
create table c (z int, w int) inherits (a);
create table d (x int) inherits (a);
create table f () inherits (e, a);
