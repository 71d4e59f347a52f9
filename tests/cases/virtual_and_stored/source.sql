create table t (id int, a int generated always as (id + 1) stored, b int generated always as (id + 1) virtual, c int generated always as (id + 1) virtual, d int generated always as (id + 3) virtual, e int, f int, g int generated always as (id * 2));
create view v as select a, b, d from t;
