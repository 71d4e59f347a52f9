create table p (id int, a text); create view v as select * from p;
