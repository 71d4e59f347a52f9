create table t (a int, b int); create table u (a int); create view v as select a from t;
