create function a(x int) returns setof int language sql as 'select x';
create procedure p(inout x int) language plpgsql set lc_messages = 'C' as $$ begin x := x + 2; end $$;
create function v(x int[]) returns int language sql as 'select 1'; create function poly(anyelement) returns anyelement language sql as 'select $1';
create function tab(x int) returns table (a int, c text) language sql as $$ select 1, 'x' $$;
create function outs(x int, out a int) language sql as 'select 1';
