create table t (a int); alter table t owner to case_anna; create table u (a int); create table w (a int); alter table w owner to case_ben;
