create table t (id int primary key with (fillfactor = 60), a int, b text, unique (a)) with (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_vacuum_threshold = 9);
create index t_b on t (b) with (fillfactor = 50); create table fresh (a text) with (fillfactor = 30);
