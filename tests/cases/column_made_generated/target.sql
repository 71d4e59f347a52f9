create table t (id int primary key, a int not null, b int, c int generated always as (a + 1) stored);
