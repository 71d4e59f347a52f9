create table t (b int, "A, b" int, c int, d int, e int);
create statistics added (dependencies) on b, e, lower(c::text) from t;
create statistics kept (dependencies) on d, "A, b", c from t;
