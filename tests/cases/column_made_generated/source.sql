create table t (id int primary key, a int not null, b int generated always as (a * 2) stored, c int);
