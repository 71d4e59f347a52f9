create function twice(n int) returns int immutable language sql return n * 2;
create table t (id int primary key, b int generated always as (twice(id)) stored not null, d text, e text generated always as (upper(d)) stored);
create index t_b on t (b) where b > 0; create index t_e on t (e);
create view v as select id, b from t where b between 1 and 100 and e is not null;
comment on column t.b is 'twice'; grant select (e) on t to public;
alter table t add check (b > -1);
