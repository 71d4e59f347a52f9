create table p (id int, k text) partition by range (id); create table p1 partition of p for values from (0) to (10); create view v as select id from p;
