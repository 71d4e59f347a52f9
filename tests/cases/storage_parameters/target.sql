create table t (id int primary key, a int, b text, unique (a) with (fillfactor = 40)) with (fillfactor = 80, parallel_workers = 2);
create index t_b on t (b);
