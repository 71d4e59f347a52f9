create table t (a int primary key, c text, d int); create table m (k int primary key, v text) partition by range (k);
create table m1 partition of m for values from (0) to (9); create table m2 partition of m for values from (9) to (20);
create publication p for table t (a, c) where (a > 1), m2; create publication q for table t with (publish_via_partition_root = true);
