create schema s; create table s.t (a int primary key, e text); grant select on s.t to case_anna; create view s.v as select a from s.t; grant all on s.v to case_anna;
