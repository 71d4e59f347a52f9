create function f(a text) returns text language sql immutable as $$ select upper(a) $$; create table t (a text); create index i on t (f(a));
