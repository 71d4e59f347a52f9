create table parent (id bigint not null, a numeric(10,2) default 3);
create table child (b int) inherits (parent); create view v as select * from child; create index i on child (a);
