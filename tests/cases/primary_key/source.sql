create table t (a int, b int, c text, primary key (a, b)); create table u (a int, b int, foreign key (a, b) references t);
create view v as select a, b, c from t group by a, b;
