create table t (id int, a text, b int);
create materialized view m as select id, a, b * 2 as c from t;
create index e on t ((id + b), (b * 2)); alter index e alter 2 set statistics 50;
