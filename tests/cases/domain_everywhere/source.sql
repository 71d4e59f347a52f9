create domain email as varchar(100) constraint has_at check (value <> '');
create domain work_email as email check (length(value) < 90);
create type person as (e email, n int);
create table t (id int primary key, e email, many email[], p person);
create function domain_of(e email) returns text language sql immutable as $$ select split_part(e, '@', 2) $$;
create index t_domain on t (domain_of(e));
create view v as select e, many from t where e is not null;
