create table t (a int not null, b int constraint b_must not null, c int not null, d int, e int constraint second_e not null, f int constraint f_named not null);
