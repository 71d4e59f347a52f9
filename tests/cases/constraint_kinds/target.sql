create table t (id int primary key, r int4range, a int, b int, constraint u unique (a, b) include (r),
constraint c check (a < b), constraint y exclude using gist (r with -|-));
