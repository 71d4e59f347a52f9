create table t (id int, a text, b int); create view v as select id, a, b from t;
alter view v alter a set default 'viewed'; alter view v alter b set default 1;
create view w as select id from t; alter view w alter id set default 3;
