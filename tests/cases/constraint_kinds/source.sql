create table t (id int primary key, r int4range, a int, b int, constraint u unique nulls not distinct (a) deferrable initially deferred,
constraint c check (a > b) no inherit, constraint x exclude using gist (r with &&) where (a > 0));
