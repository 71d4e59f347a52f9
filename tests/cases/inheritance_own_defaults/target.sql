create table parent (id int default 1, a text, b int);
create table child () inherits (parent);
alter table child alter a set default 'y';
