create sequence s1 start with 10 increment by 2 cache 5;
create sequence s2 as smallint;
create table t (id int default nextval('s1'), n int);
alter sequence s1 owned by t.id;
comment on sequence s2 is 'two';
