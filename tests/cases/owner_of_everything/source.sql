create schema s authorization case_anna; create table s.t (a int, b text); create view s.v as select a from s.t; create materialized view s.m as select a from s.t;
create sequence s.q; create type s.e as enum ('x'); create domain s.d as int; create type s.c as (x int); create type s.r as range (subtype = int);
create function s.f() returns int language sql as 'select 1'; create procedure s.p() language sql as 'select 1'; create aggregate s.g(int) (sfunc = int4pl, stype = int);
create statistics s.st on a, b from s.t; alter table s.t owner to case_anna; alter view s.v owner to case_ben; alter materialized view s.m owner to case_anna;
alter sequence s.q owner to case_anna; alter type s.e owner to case_anna; alter domain s.d owner to case_ben; alter type s.c owner to case_anna; alter type s.r owner to case_anna;
alter function s.f() owner to case_ben; alter procedure s.p() owner to case_ben; alter aggregate s.g(int) owner to case_anna; alter statistics s.st owner to case_cleo;
