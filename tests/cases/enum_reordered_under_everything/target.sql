create type lvl as enum ('a','b','c','d');
create table t (id int primary key, l lvl not null default 'a', ls lvl[] default '{a,b}', r lvl generated always as (case when id > 1 then 'b'::lvl else 'a'::lvl end) stored, unique (l, id), check (l in ('a','b','c')), exclude using btree (r with =) where (l = 'b'));
create table p (l lvl not null, x int) partition by list (l); create table p_a partition of p for values in ('a'); create table p_bc partition of p for values in ('b','c'); create index on p (l, x);
create type lr as range (subtype = lvl); create table rr (x lr default '[a,a]', m lr[]); create type comp as (l lvl, n int); create table cc (c comp default row('a',1)::comp);
create function lf(lvl default 'b', lvl[] default '{b}') returns lvl language sql immutable return $1; create view vv as select l, array_agg(lf(l)) from t group by l having max(l) > 'b'; create materialized view mm as select l::text, lf() from vv; create domain ld as lvl check (value <> 'c') default 'b'; create table dd (d ld, e ld[]);
create function lvlint(lvl) returns int language sql immutable as 'select 1'; create cast (lvl as int) with function lvlint(lvl);
