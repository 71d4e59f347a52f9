create table t (a int primary key, b text, d int); create table m (k int primary key, v text) partition by range (k);
create table m1 partition of m for values from (0) to (9);
create publication p for table t (a, b) where (a > 1 and d is not null), m1; create publication q for table t, m;
