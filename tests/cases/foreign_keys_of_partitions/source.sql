create table p (id int primary key, up int references p) partition by range (id); create table p1 partition of p for values from (0) to (10);
create table t (id int, p_id int references p) partition by hash (id); create table t0 partition of t for values with (modulus 1, remainder 0);
