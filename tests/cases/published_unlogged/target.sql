create table t (a int primary key); create unlogged table u (a int primary key); create publication p for table t;
