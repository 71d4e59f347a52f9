create function tidy(a int) returns void language plpgsql as $$ begin null; end $$;
create procedure total(int) language sql as $$ select 1 $$;
create function many(n int, out a int, out b text) returns setof record language sql as $$ select n, 'x' $$;
