create function f() returns integer language sql as 'select 1';
create type mood as enum ('a', 'b');
create table parent (id integer, a integer default 1, m mood default 'a');
create table child (a integer default f(), m mood default 'b') inherits (parent);
create table grandchild () inherits (child);
