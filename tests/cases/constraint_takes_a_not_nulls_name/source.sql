create table t (c int, d int, e int not null, constraint t_c_not_null check (d > 0), constraint "Q" unique (d));
