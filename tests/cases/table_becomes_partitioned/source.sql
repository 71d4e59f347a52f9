create table p (id int, a text) partition by range (id); create table p1 partition of p default; create view v as select * from p;
