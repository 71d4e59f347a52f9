create table p (a int, g int generated always as (a * 2) stored) partition by list (a); create table p1 partition of p for values in (1);
create table q (a int, g int generated always as (a * 12) stored); alter table p attach partition q for values in (2);
create table ip (a int, g int generated always as (a * 2) stored); create table ic (g int generated always as (a * 23) stored) inherits (ip); create table id () inherits (ic);
