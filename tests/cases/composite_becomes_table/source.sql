create table addr (street text primary key, zip text);
create table person (id int primary key, home addr);
create function zip_of(person) returns text language sql immutable as $$ select (($1).home).zip $$;
