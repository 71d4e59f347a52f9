create type opaque; create function opaque_in(cstring) returns opaque language internal immutable strict as 'int4in'; create function opaque_out(opaque) returns cstring language internal immutable strict as 'int4out';
create type opaque (input = opaque_in, output = opaque_out, like = integer);
comment on type opaque is 'o'; create type shell; comment on type shell is 's';
create table t (a opaque) ;

create function f(opaque) returns opaque language sql as 'select $1'; create view v as select a from t; create cast (int as opaque) without function;
