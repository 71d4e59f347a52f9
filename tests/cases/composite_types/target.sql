create type address as (street text, city varchar(40), old text); create type gone as (a int);
create type pair as (a int);
create table t (id int primary key, home address, all_homes address[]); create view v as select id, (home).street, (home).old from t;
create function city(a address) returns text language sql as 'select (a).city';
