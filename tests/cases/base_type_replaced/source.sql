create type opaque; create function opaque_in(cstring) returns opaque language internal immutable strict as 'int4in'; create function opaque_out(opaque) returns cstring language internal immutable strict as 'int4out';
create type opaque (input = opaque_in, output = opaque_out, like = integer, default = '7', category = 'N');

create domain d as opaque; create type pair as (a opaque, b int);
create table t (id int primary key, a opaque, b opaque[], c d, e pair default row('3'::opaque, 1)::pair, f opaque default '4');
create view v as select a, b from t; create cast (int as opaque) without function; create function g(opaque) returns int language sql as 'select 1';
