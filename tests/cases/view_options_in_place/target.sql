create table t (id int, a text); create view v with (check_option = cascaded) as select id, a from t where id > 0;
create view c as select * from v; create view u as select * from c;
create materialized view m as select * from u; create index mi on m (id);
