create type opaque; create function opaque_in(cstring) returns opaque language internal immutable strict as 'int4in'; create function opaque_out(opaque) returns cstring language internal immutable strict as 'int4out';
create type opaque (input = opaque_in, output = opaque_out, like = integer);

create function lt(opaque, opaque) returns boolean language internal immutable strict as 'int4lt'; create function le(opaque, opaque) returns boolean language internal immutable strict as 'int4le';
create function eq(opaque, opaque) returns boolean language internal immutable strict as 'int4eq'; create function ge(opaque, opaque) returns boolean language internal immutable strict as 'int4ge';
create function gt(opaque, opaque) returns boolean language internal immutable strict as 'int4gt'; create function cmp(opaque, opaque) returns int language internal immutable strict as 'btint4cmp';
create operator < (function = lt, leftarg = opaque, rightarg = opaque, commutator = >); create operator > (function = gt, leftarg = opaque, rightarg = opaque, commutator = <);
create operator <= (function = le, leftarg = opaque, rightarg = opaque); create operator >= (function = ge, leftarg = opaque, rightarg = opaque); create operator = (function = eq, leftarg = opaque, rightarg = opaque, commutator = =, merges);
create operator class ops default for type opaque using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 cmp(opaque, opaque);
create table t (a opaque primary key, b opaque unique);
create index i on t (b) where b > '3'::opaque;
