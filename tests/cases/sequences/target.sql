create sequence s1;
create sequence s3 maxvalue 1000 cycle;
create table t (id int, n int default nextval('s1'));
alter sequence s1 owned by t.n;
