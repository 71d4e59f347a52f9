create table t (id int primary key, a int); create function next_of(r t) returns int language sql as 'select 1';
create function fresh() returns int language sql begin atomic select coalesce(max(id), 0) + 1 from t; end; alter table t add column n int default fresh();
