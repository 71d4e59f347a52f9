create table t (id int, v text) partition by range (id);
create table t1 partition of t for values from (0) to (10);
create view v as select * from t;
create function fresh() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger on_t before insert on t for each row execute function fresh();
create trigger on_t1 after update on t1 for each row when (new.v <> '') execute function fresh('a', 'b');
create trigger on_v instead of insert on v for each row execute function fresh();
