create table t (id int, a text, b int);
create materialized view m as select id, a, b * 2 as c from t;
alter materialized view m alter a set storage external; alter materialized view m alter a set statistics 300; alter materialized view m alter c set (n_distinct = 5);
alter materialized view m alter a set compression pglz; alter materialized view m set (toast.autovacuum_enabled = false, fillfactor = 80);
create index e on t ((id + b), (b * 2)); alter index e alter 1 set statistics 500; alter index e alter column 2 set statistics 77;
create statistics ms on id, c from m;
