create procedure tidy(a int) language plpgsql as $$ begin null; end $$;
create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0');
create function many(n int) returns table (a int, b text) language sql as $$ select n, 'x' $$;
