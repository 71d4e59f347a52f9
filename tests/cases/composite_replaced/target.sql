create type pair as (a int, b int); create type outer_pair as (p pair, n int);
create type sized as (w varchar(3), h int);
create table t (id int primary key, p pair default row(1, 2), o outer_pair, many sized[], check ((p).a < (p).b));
create view v as select (p).a from t; create index t_b on t (((p).b));
create function sum_of(p pair) returns bigint language sql immutable as 'select (p).a + (p).b';
