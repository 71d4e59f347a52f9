create type addr as (street text, zip varchar(10), n int);
create function mk() returns addr language sql immutable as $$ select null::public.addr $$;
create domain daddr as addr default mk() constraint c check (coalesce((value).zip,'') <> 'x') constraint d check (value is distinct from mk());
create table p (id int primary key, who daddr, rest daddr[]);
