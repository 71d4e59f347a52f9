create table t (id int, a text); create view v with (security_barrier) as select id, a from t where id > 0;
create view c with (check_option = local) as select * from v; create view u as select * from c;
create materialized view m with (fillfactor = 60) as select * from u; create index mi on m (id);
