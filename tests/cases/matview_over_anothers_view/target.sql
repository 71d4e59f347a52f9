create table t (a int);
create view v1 as select a from t;
create view v2 as select a from v1;
create materialized view m as select a from v2;
alter view v2 owner to case_ben;
