create table t (id int primary key, x text check (x <> ''), y int unique);
create index t_xy on t (x, y);
