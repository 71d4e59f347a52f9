create schema s; create table t (a int primary key, b int, c varchar(5)); create table s.u (a int primary key); create table w (a int primary key);
create publication p for table t (a, b) where (a > 0 and b < 5), s.u, w;
create publication q for table t where (c is null), s.u;
