create type k as enum ('a', 'b', 'c');
create type inner_type as (k k, n int);
create type outer_type as (i inner_type, x text);
create table t (id int primary key, o outer_type);
