create schema s; create table t (a int primary key, b bigint, c text, d int); create table s.u (a int primary key); create table s.v (a int primary key, x int);
create publication p for table t (a, b) where (a > 0 and b < 5), s.u where (a <> 3), s.v;
create publication q for tables in schema s, table t where (c is null);
