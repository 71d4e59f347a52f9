create table t (dead int, a int, b int, c int); alter table t drop dead; create index i on t (b, c); create table r (x int, y int, z int);
