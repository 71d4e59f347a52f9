create table t (id int primary key, up int references t);
create recursive view r (id, depth) as select id, 1 from t where up is null union all select t.id, r.depth + 1 from t join r on r.id = t.up;
create function many(n int) returns table (x int, y text) language sql stable as $$ select g, g::text from generate_series(1, n) g $$;
create view o as select x, y from many(3) where y like 'a%' or x in (1, 2);
