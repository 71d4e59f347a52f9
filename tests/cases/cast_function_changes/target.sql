create domain money_text as text; create type pair as (a int, b int);
create function other(pair) returns text language sql immutable as 'select ($1).b::text'; create cast (pair as text) with function other(pair) as assignment;
create table t (id int primary key, p pair); create index i on t ((other(p))); create view v as select p::text as p from t;
