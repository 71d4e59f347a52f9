create function norm(t text, x int default 1) returns text language sql immutable as $$ select trim(t) $$;
create domain dn as text check (norm(value) = value);
create table uses (d dn default 'a', e dn[]);
create type comp as (d dn, x dn[]);
create table usec (c comp);
create function fd(dn) returns dn language sql as 'select $1';
