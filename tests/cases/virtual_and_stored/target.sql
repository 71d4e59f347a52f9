create table t (id int, a int generated always as (id + 1) virtual, b int generated always as (id + 1) stored, c int, d int generated always as (id + 2) virtual, e int generated always as (id + 1) virtual, f int generated always as (id + 1) stored, g int generated always as (id * 3));
create view v as select a, b, d from t;
