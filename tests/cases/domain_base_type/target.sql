create domain code as varchar(10) check (value <> ''); create table t (id int primary key, c code default 'x', many code[]);
create view v as select c from t;
