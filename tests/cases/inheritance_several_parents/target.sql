create table p1 (id int, a text); create table p2 (id int, b text); create table p3 (c int);
create table child (id int, b text, a text, c int, own int); alter table child inherit p2; alter table child inherit p1; alter table child inherit p3;
create table other (id int, a text); alter table other inherit p1;
