create table t (a int primary key, b int) partition by hash (a); create table t1 partition of t for values with (modulus 1, remainder 0);
create table other (a int primary key);
create publication p for table t, other; create publication r for table t1 (a);
