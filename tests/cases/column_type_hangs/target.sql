create table t (id int primary key, a int, b text);
create view v as select a, b from t; create materialized view m as select a from v; create index mi on m (a);
create policy p on t using (a > 0); create rule r as on delete to t where old.a > 5 do instead nothing; create statistics s on a, b from t;
create function f() returns trigger language plpgsql as $$ begin return new; end $$; create trigger tr after update of a on t for each row when (new.a > old.a) execute function f();
