create table parent (id int, a text);
create table one (id int, a text, b int);
create table two (id int, a text); alter table two inherit parent;
alter table one inherit parent;
