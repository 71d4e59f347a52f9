create function plus(bigint, int) returns bigint language sql immutable as 'select $1 + $2 + 1';
create function minus(bigint, int) returns bigint language sql immutable as 'select $1 - $2';
create aggregate total(int) (sfunc = minus, stype = bigint);
create aggregate other(variadic int[]) (sfunc = array_cat, stype = int[]);
create table t (id int primary key, a int); create view v as select total(a) as t from t;
