create domain money_text as text; create type pair as (a int, b int);
create function made(pair) returns text language sql immutable as 'select ($1).a::text'; create cast (pair as text) with function made(pair);
create table t (id int primary key, p pair); create index i on t ((made(p))); create view v as select p::text as p from t;
