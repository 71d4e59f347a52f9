create table t (id int primary key, up int, name text);
create recursive view tree (id, depth) as select id, 0 from t where up is null union all select t.id, tree.depth + 1 from t join tree on t.up = tree.id;
create function names() returns table (n text, len bigint) language sql stable as 'select name, length(name) from public.t';
create view vn as select n, len from names(); create view editable as select id, name from t;
create function ins() returns trigger language plpgsql as $$ begin insert into public.t (id, name) values (new.id, new.name); return new; end $$;
create trigger i instead of insert on editable for each row execute function ins(); create rule no_delete as on delete to editable do instead nothing;
