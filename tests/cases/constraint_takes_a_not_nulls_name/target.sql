create table t (c int not null, d int, e int, constraint x check (d > 0), constraint t_e_not_null unique (d));
