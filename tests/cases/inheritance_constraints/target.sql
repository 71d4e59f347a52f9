create table parent (id int, a int, constraint mine check (id > 5), constraint old check (a < 100));
create table child (b int) inherits (parent);
