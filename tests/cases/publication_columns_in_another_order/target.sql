create table t (d int, "c C" text, a int primary key); create publication p for table t ("c C", a) where (a > 1); create publication q for table t (a);
