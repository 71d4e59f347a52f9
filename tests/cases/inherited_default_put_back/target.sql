create function f() returns bigint language sql as 'select 1::bigint';
create table parent (id integer, a integer default f());
create table own_default (a integer default 7) inherits (parent);
create table below () inherits (own_default);
create table no_default (a integer default null) inherits (parent);
create table same () inherits (parent);
create table measured (id integer, a integer default f()) partition by list (id);
create table measured_1 partition of measured (a default 2) for values in (1);
create table measured_2 partition of measured for values in (2);
