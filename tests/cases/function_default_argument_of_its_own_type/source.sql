create function base() returns bigint language sql immutable as $$ select 1::bigint $$;
create function middle(a bigint default base(), b text default 'x') returns bigint language sql as $$ select a $$;
create table t (id bigint default middle(), n bigint default middle(2));
create view v as select middle(3, 'y') as m;
