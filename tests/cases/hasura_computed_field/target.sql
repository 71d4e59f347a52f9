create table author (id serial primary key, first text, last text, gone text);
create function full_name(a author) returns text language sql stable as $$ select a.first || a.last $$;
