create function f(a int) returns int language sql as 'select 1'; create function f(a text, b int default 2) returns int language sql as 'select 2';
create function f(variadic a int[]) returns int language sql as 'select 3'; create function o(a int, out b int, out c text) language sql as 'select 1, $$x$$';
create procedure p(a int, inout b text) language plpgsql as $$ begin b := a::text; end $$; comment on procedure p is 'p'; comment on function f(int) is 'one';
