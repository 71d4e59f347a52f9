create type address as (street text, city varchar(40), zip text collate "C"); comment on type address is 'where';
create type pair as (a int, b int); create type nested as (at address, n int); create type none_yet as ();
create table t (id int primary key, home address, all_homes address[]); create view v as select id, (home).street from t;
create function city(a address) returns text language sql as 'select (a).city';
