create function f(a text) returns text language sql immutable as $$ select lower(a) $$;
create function n() returns int language sql as $$ select 1 $$;
create table t (id bigint default n(), a text check (f(a) <> ''), b text generated always as (f(a)) stored); create index i on t (f(a)); create view v as select f(a) as x from t;
