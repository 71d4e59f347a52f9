create type addr as (street text);
create function mk() returns addr language sql stable as $$ select row('q')::public.addr $$;
create domain daddr as addr default row('a');
create table p (id int primary key, who daddr, rest daddr[]);
