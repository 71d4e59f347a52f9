create table t (id int primary key, e text not null constraint has_at check (e like '%@%'));
create function find(e text) returns setof t language sql as $$ select * from t where t.e = find.e $$;
