create type other; create function other_in(cstring) returns other language internal immutable strict as 'textin'; create function other_out(other) returns cstring language internal immutable strict as 'textout';
create type other (input = other_in, output = other_out, like = text, default = 'x', category = 'S', delimiter = ';', collatable = true);
create type lost;
create table t (b int); create type pair as (a other[]);
