create table parent (id int, a int default 2);
create table child (b int) inherits (parent); create view v as select * from child; create index i on child (a);
