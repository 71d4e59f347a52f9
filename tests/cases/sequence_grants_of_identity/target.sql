create table t (a int not null, b int); create table u (a int not null); alter default privileges grant all on sequences to case_ben;
