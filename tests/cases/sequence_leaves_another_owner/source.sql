create table t (a int not null); create sequence t_a_seq as int; alter sequence t_a_seq owner to case_ben; create table u (a int); alter table u owner to case_cleo;
