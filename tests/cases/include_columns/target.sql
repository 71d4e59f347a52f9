create table t (a int, b int, c varchar(10), d text, constraint t_pkey primary key (a), constraint t_b unique (b) include (c));
create index t_d on t (d) include (c) where c <> '';
create unique index t_lower on t (lower(c)) include (d);
