create table t (id int primary key, a bigint not null default 5 check (a > 0), u bigint unique, g bigint generated always as (a + 1) stored);
create index i on t (a) where a > 3; create index e on t ((a * 2)); create view v as select a from t; create materialized view m as select a from v; create index mi on m (a);
create table r (a bigint references t (u)); create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger tr before update of a on t for each row when (new.a > 0) execute function f();
create function at() returns bigint language sql begin atomic select max(a) from t; end; comment on index i is 'i';
