create table t (a int primary key, b int) partition by range (a); create table t1 partition of t for values from (0) to (5);
create table other (a int primary key);
create publication p for table t, other; create publication r for table t1 (a);
