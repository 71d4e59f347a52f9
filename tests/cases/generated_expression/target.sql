create table t (id int primary key, a int, b int generated always as (a * 3) stored, c text, d text generated always as (lower(c)) stored);
create index t_b on t (b);
create view v as select id, b from t;
