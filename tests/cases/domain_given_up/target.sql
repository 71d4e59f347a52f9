create domain email as text check (value like '%@%');
create table t (id int primary key, e email not null);
create function find(e email) returns setof t language sql as $$ select * from t where t.e = find.e $$;
