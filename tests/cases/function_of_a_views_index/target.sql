create table t (id int);
create function f(int) returns int language sql immutable as 'select 1';
create materialized view v as select id from t;
create index on v (f(id));
