create table t (a int, b int[]); create index i on t (a); create index g on t using gin (b) with (fastupdate = on, gin_pending_list_limit = 128);
