create table t (id int primary key, a int); create function whole(r t) returns int language sql stable as $$ select r.a $$;
create function counted() returns bigint language sql stable begin atomic select count(*) from t where a > 0; end;
create view v as select whole(t) as w, counted() as n from t; create table u (n bigint default counted());
create function setof_v() returns setof v language sql stable as $$ select * from v $$;
