create table p (a int, b int) partition by range (a);
create table p1 partition of p for values from (0) to (10);
create table parent (x int, y int constraint y_there not null); create table child (z int) inherits (parent);
