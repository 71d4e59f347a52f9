create table p (id int) partition by range (id); create table p1 partition of p for values from (0) to (20);
