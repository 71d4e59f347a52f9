create table parent (id int);
create table child (a text) inherits (parent); create table other () inherits (parent);
