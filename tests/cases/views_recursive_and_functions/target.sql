create table t (id int primary key, up int, name text);
create recursive view tree (id) as select id from t where up is null union all select t.id from t join tree on t.up = tree.id;
create function names() returns table (n text, len int) language sql stable as 'select name, length(name) from public.t';
create view vn as select n, len from names(); create view editable as select id, name from t where id > 0;
create function ins() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger i instead of update on editable for each row execute function ins();
