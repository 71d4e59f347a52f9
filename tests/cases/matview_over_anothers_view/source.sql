create table t (a bigint);
create view v1 as select a from t;
create view v2 as select a from v1;
create materialized view m as select a from v2;
alter view v1 owner to case_anna;
alter materialized view m owner to case_ben;
grant select on v2 to case_ben;
