create table t (id int primary key, a int); create table log (id bigint, what text);
create view v as select id, a from t;
create rule note as on insert to t do also insert into log values (new.id, 'inserted');
create rule several as on update to t where old.a <> new.a do also delete from log where what = 'x';
create rule v_insert as on insert to v do instead nothing;
create rule v_delete as on delete to v do instead delete from t where t.id = old.id;
alter table t enable replica rule note;
