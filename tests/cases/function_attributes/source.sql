create function a(x int) returns setof int language sql stable strict security definer parallel safe cost 7 rows 9 set search_path = pg_catalog, public set work_mem = '1MB' as 'select x';
create procedure p(inout x int) language plpgsql as $$ begin x := x + 1; end $$;
create function v(variadic x int[]) returns int language sql as 'select 1'; create function poly(anyelement) returns anyarray language sql as 'select array[$1]';
create function w() returns bigint window language internal as 'window_row_number';
create function tab(x int) returns table (a int, b text) language sql as $$ select 1, 'x' $$;
create function outs(x int, out a int, out b int) language sql as 'select 1, 2';
