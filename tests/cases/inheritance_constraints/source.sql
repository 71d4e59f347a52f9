create table parent (id int, a int, constraint positive check (a > 0), constraint mine check (id > 5) no inherit);
create table child (b int, constraint own check (b > 0)) inherits (parent);
