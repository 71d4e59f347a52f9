create table t (id int primary key, a bigint); create table log (id bigint, what text);
create view v as select id, a from t;
create rule keep as on delete to t do instead nothing;
create rule note as on insert to t do also insert into log values (new.id, 'in');
create rule several as on update to t where old.a <> new.a do also (insert into log values (old.id, 'a'); delete from log where what = 'x');
create rule v_insert as on insert to v do instead insert into t values (new.id, new.a);
alter table t disable rule note; alter table t enable always rule several;
comment on rule keep on t is 'never'; comment on rule v_insert on v is 'through';
