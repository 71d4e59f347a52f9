create table t (a int, b int, c int, d date, constraint in_range check (a >= 1 and a <= 9 and b > 0));
create view v as select a, 'all' as size from t where d >= '2020-01-01' and d <= '2021-01-01' and b in (a, c);
