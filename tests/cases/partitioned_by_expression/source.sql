create table t (id bigint, name text collate "C", at timestamp default now()) partition by range (lower(name) collate "C", (id % 10));
create table t_a partition of t for values from ('a', minvalue) to ('m', 5);
create table t_m partition of t for values from ('m', 5) to (maxvalue, maxvalue);
