create table parent (id int default 1, a text default 'x', b int);
create table child () inherits (parent);
alter table child alter id set default 2; alter table child alter a drop default; alter table child alter b set default 7; alter table child alter b set not null;
