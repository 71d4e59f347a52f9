create type opaque; create function opaque_in(cstring) returns opaque language internal immutable strict as 'int4in'; create function opaque_out(opaque) returns cstring language internal immutable strict as 'int4out';
create type opaque (input = opaque_in, output = opaque_out, like = integer, category = 'N');
create table t (a opaque, b opaque);
