create table t (a int, b int, c text, primary key (a), unique (b)); create table u (a int references t, b int references t (b));
create view v as select a, b, c from t group by a;
