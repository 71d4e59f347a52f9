create table t (id int, a bigint, b text);
create function one() returns bigint begin atomic select sum(a) from t; end;
create function two() returns bigint return one() + 1;
create procedure three() begin atomic insert into t (id) select two(); delete from t where b = 'x'; end;
create view v as select two() as two;
create function "unnamed constant"(inout a int, out b text) language sql begin atomic select a, 'x'; end;
