create table t (id int, a text, b int); create view v as select b, id as number, a from t; create view w as select number, a from v; create rule r as on insert to w do instead nothing;
