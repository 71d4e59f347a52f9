create table parent (id int, a text);
create table child (id int, a text, b int); alter table child inherit parent;
