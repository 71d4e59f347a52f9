create type status as enum ('open', 'shut'); create domain money2 as text; create type span as (a int); create domain lvl as int check (value > 0);
create table job (id int primary key, s status default 'shut', many status[], m money2, sp span, l lvl not null);
create view open_jobs as select id, s from job where s = 'open';
create function is_open(status) returns bool language sql immutable as $$ select $1 = 'open' $$;
create index on job (s) where is_open(s);
