create table t (a bigint, b int, c text);
create statistics s1 (ndistinct, dependencies) on a, b from t;
create statistics s2 on (a % 10), (lower(c)) from t;
create statistics s3 (mcv) on b, c from t;
alter statistics s3 set statistics 200;
