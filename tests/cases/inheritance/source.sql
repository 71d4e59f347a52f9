create table parent (id int not null, a text default 'x');
create table child (b int, c numeric) inherits (parent);
create table grandchild (d date) inherits (child);
