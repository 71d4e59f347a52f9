create table t (id int primary key, a text, constraint c check (id > 0)); comment on table t is 'new'; comment on column t.a is 'a'; comment on constraint c on t is 'c';
create index i on t (a); comment on index i is 'i'; create view v as select a from t; comment on view v is 'v'; comment on column v.a is 'va';
create function f(int) returns int language sql as 'select 1'; comment on function f is 'f'; create type e as enum ('x'); comment on type e is 'e'; create domain d as int; comment on domain d is 'd'; create materialized view m as select 1 as x; comment on materialized view m is 'm';
