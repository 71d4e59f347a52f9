create function near(int, int) returns boolean language sql immutable as 'select abs($1 - $2) < 2';
create operator ~= (function = near, leftarg = int, rightarg = int, commutator = ~=);
create table t (a int primary key, b int, c boolean default 1 operator(public.~=) 2, check (a operator(public.~=) b));
create index i on t ((a operator(public.~=) b)) where a operator(public.~=) 5;
create view v as select a operator(public.~=) b as n from t;
create function f(a int) returns boolean language sql begin atomic select a operator(public.~=) 1; end;
create policy p on t using (a operator(public.~=) 1);
create domain d as int default 3 check (value operator(public.~=) 3);
