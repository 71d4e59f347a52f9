create function plus(bigint, int) returns bigint language sql immutable as 'select $1 + $2';
create function done(bigint) returns text language sql immutable as 'select $1::text';
create aggregate total(int) (sfunc = plus, stype = bigint, initcond = '0', finalfunc = done, parallel = safe);
create aggregate counted(*) (sfunc = int8inc, stype = bigint, initcond = '0'); comment on aggregate counted(*) is 'n';
create aggregate moving(int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int, sortop = <);
create aggregate middle(float8 order by float8) (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);
create table t (id int primary key, a int); create view v as select total(a) as t, counted(*) as n from t;
