create table t (a int, b int[]); create index i on t (a) with (fillfactor = 60); create index g on t using gin (b) with (fastupdate = off);
