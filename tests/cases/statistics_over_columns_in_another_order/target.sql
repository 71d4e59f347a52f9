create table t (c int, d int, "A, b" int, e int);
create statistics kept (dependencies) on d, "A, b", c from t;
