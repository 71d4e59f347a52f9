create function f(value text) returns text language sql immutable as $$ select lower(value) $$;
create function n() returns bigint language sql as $$ select 1::bigint $$;
create table t (id bigint default n(), a text check (f(a) <> ''), b text generated always as (f(a)) stored); create index i on t (f(a)); create view v as select f(a) as x from t;
