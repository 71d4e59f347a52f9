create function plus(int, int) returns int language sql immutable as 'select $1 + $2'; create operator +# (function = plus, leftarg = int, rightarg = int);
create function note() returns trigger language plpgsql as 'begin return new; end';
create table t (a int default 1 operator(public.+#) 2, b int generated always as (a operator(public.+#) 5) stored, check (a operator(public.+#) 1 > 0));
create trigger g before update on t for each row when (old.a operator(public.+#) 1 > 2) execute function note();
