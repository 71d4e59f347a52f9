create table t (id int, a text, b int); create view v as select id, a from t;
alter view v alter id set default 9;
