create table p (id int, a text) partition by range (id); create table t1 partition of p for values from (0) to (10); create table t2 (id int, a text);
