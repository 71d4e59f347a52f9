create table t (id int primary key, a bigint, b bigint generated always as (a * 2) stored, c text, d text generated always as (upper(c)) stored);
create index t_b on t (b);
create view v as select id, b from t;
