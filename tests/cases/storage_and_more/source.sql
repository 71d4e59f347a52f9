create table t (id int primary key, a text, b text not null, c jsonb) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
alter table t alter a set storage external, alter a set compression pglz, alter b set statistics 500, alter id set (n_distinct = -0.5), alter c set storage main;
create unique index t_b on t (b);
alter table t replica identity using index t_b;
alter table t cluster on t_pkey;
