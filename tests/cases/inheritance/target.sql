create table parent (id int not null, a text default 'x', gone int);
create table child (b int) inherits (parent);
create table grandchild () inherits (child);
