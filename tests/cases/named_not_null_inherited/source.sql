create table p (a int constraint must not null, b int) partition by range (a);
create table p1 partition of p for values from (0) to (10); alter table p1 add constraint own_b not null b;
create table parent (x int constraint x_there not null, y int); create table child (z int constraint z_there not null) inherits (parent);
