create table p1 (id int, a text); create table p2 (id int, b text); create table p3 (c int);
create table child (id int, a text, b text, own int); alter table child inherit p1; alter table child inherit p2;
create table other (c int); alter table other inherit p3;
