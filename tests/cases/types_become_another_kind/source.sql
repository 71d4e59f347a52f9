create domain status as text check (value in ('open', 'shut')) default 'open'; create type money2 as (amount numeric, currency char(3)); create type span as range (subtype = int); create type lvl as enum ('1', '2');
create table job (id int primary key, s status, many status[] default '{open}', m money2, sp span default '[1,2)', l lvl not null default '1');
create view open_jobs as select id, s from job where s = 'open';
create function is_open(status) returns bool language sql immutable as $$ select $1 = 'open' $$;
create index on job (s) where is_open(s);
