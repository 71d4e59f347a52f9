create function base() returns int language sql immutable as $$ select 1 $$;
create function middle(a int default base()) returns int language sql as $$ select a $$;
create table t (id bigint default middle(), n bigint default middle(2));
create view v as select middle(3) as m;
