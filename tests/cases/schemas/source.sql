create schema s1; comment on schema s1 is 'one'; create table s1.t (id int primary key); create schema s2; create view s2.v as select id from s1.t;
