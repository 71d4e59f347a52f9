create type mood as enum ('sad', 'so-so', 'happy');
create table t (id int primary key, m mood not null default 'sad', many mood[] default '{sad}', unique (m, id));
create index t_m on t (m) where m = 'happy';
create view v as select m, count(*) as n from t group by m;
create view w as select n from v where m > 'happy'::mood;
create function f(a mood) returns text language sql immutable as $$ select a::text $$;
