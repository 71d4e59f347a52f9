create table t (a int primary key, "c C" text, d int); create publication p for table t (a, "c C") where (a > 1); create publication q for table t (d, a);
