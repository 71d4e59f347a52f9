create table p (id int, a text) partition by range (id); create table t1 (id int, a text); create table t2 partition of p for values from (10) to (20);
