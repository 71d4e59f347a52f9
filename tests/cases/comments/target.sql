create table t (id int primary key, a text, constraint c check (id > 0)); comment on table t is 'old'; comment on column t.id is 'gone';
create index i on t (a); create view v as select a from t; comment on column v.a is 'other';
create function f(int) returns int language sql as 'select 1'; create type e as enum ('x'); create domain d as int; create materialized view m as select 1 as x;
