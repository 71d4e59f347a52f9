create table p (id int, k text) partition by list (k); create table p1 partition of p for values in ('a'); create view v as select id from p;
