create table t (id int generated always as identity (sequence name counting) primary key);
