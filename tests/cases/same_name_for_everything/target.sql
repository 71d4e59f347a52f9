create schema thing;
create table thing.thing (thing int constraint thing check (thing >= 0));
create function thing.thing(thing int) returns int language sql as $$ select thing $$;
create schema other;
create domain other.thing as int;
