create table t (a int, b int, c varchar(10));
create statistics s1 (ndistinct) on a, b from t;
create statistics s2 on (a % 10), (upper(c)) from t;
create statistics s3 (mcv) on b, c from t;
