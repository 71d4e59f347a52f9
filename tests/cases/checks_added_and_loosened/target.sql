create function sound(a int) returns boolean language sql immutable as $$ select a > 0 $$;
create table t (id int, a int, b text, constraint one check (sound(a)), constraint two check (a < 1000), constraint three check (id > 0), constraint four check (a between 1 and 9));
