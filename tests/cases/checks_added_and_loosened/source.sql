create function sound(a int, b text) returns boolean language sql immutable as $$ select a > 0 and b <> '' $$;
create table t (id int, a int, b text, constraint one check (sound(a, b)), constraint two check (a < 100) not valid, constraint three check (id > 0) no inherit, constraint four check (a between 1 and 9 or b in ('x', 'y')));
