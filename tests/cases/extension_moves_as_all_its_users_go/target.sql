create extension vector;
create table chunks (id int primary key, v vector(3));
create function dist(a vector, b vector) returns float8 language sql immutable return a <=> b;
create view near as select a.id from chunks a join chunks b on dist(a.v, b.v) < 1;
