create table parent (id int);
create table child (b int) inherits (parent);
