create table parent (id int, a text);
create table child (a text) inherits (parent); create table other () inherits (parent);
