create type pair as (a int, b int);
create function to_pair(int) returns pair language sql immutable as 'select row($1, 0)::pair';
create function of_pair(pair) returns int language sql immutable as 'select $1.a';
create cast (int as pair) with function to_pair(int);
create cast (pair as int) with function of_pair(pair);
create table t (id int primary key, p pair default 1::pair);
create view v as select id::pair as p from t;
