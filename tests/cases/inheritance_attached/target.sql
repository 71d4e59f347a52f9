create table parent (id int, a text);
create table one (id int, a text, b int);
create table two () inherits (parent);
alter table two no inherit parent;
