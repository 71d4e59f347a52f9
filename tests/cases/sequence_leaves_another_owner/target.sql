create table t (a serial); alter table t owner to case_anna; create table u (a serial); alter table u owner to case_ben;
