create table a (x int, id bigint generated always as identity (start with 5)); create table b (y int) inherits (a);
