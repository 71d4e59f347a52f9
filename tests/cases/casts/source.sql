create type pair as (a int, b int); create type halves as (a int, b int); create domain d as int;
create function to_pair(int) returns pair language sql immutable as 'select row($1, $1)::pair';
create cast (int as pair) with function to_pair(int) as implicit;
create cast (halves as pair) with inout as assignment;
create cast (date as int) without function;
comment on cast (halves as pair) is 'halved';
create table t (id int primary key, p pair default 1::pair);
create view v as select id::pair as p from t;
