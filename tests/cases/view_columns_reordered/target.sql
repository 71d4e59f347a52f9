create table t (id int, a text, b int); create view v as select id, a, b from t; create view w as select id, a from v;
