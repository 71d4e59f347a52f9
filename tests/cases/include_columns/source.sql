create table t (a int, b bigint, c text, d text, constraint t_pkey primary key (a) include (c), constraint t_b unique (b) include (c, d));
create index t_d on t (d) include (b) where c <> '';
create unique index t_lower on t (lower(c)) include (d, b);
