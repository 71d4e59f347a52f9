create table t (a int); create table u (a int); alter table u owner to case_anna; create table w (a int); alter table w owner to case_cleo;
