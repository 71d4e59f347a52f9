create function f(z int, b int) returns bigint immutable language sql as 'select a + b from (select z as a, $2 as b) s';
create function ft() returns trigger language plpgsql as $$ begin return new; end $$;
create domain d as int check (f(value, 1) > 0) default f(1, 1);
create table t (id int primary key default f(1, 1), a int check (f(a, 1) > 0), g int generated always as (f(id, 1)) stored, x d);
create index i on t (f(a, 1)); create index p on t (a) where f(a, 1) > 3;
create view v as select f(a, 1) as fa from t; create materialized view m as select f(a, 1) as fa from t;
create trigger tr before update on t for each row when (f(new.a, 1) > 0) execute function ft();
create policy pol on t using (f(a, 1) > 0); alter table t enable row level security;
create statistics s on (f(a, 1)), a from t;
