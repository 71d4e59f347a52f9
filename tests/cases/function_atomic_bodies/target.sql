create table t (id int, a int, c text);
create function one() returns bigint begin atomic select sum(a) from t; end;
create function two() returns bigint return one() + 2;
create procedure three() begin atomic insert into t (id) select two(); update t set c = 'x'; end;
create view v as select two() as two;
