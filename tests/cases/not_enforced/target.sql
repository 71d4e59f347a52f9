create table t (id int primary key, a int constraint c check (a > 0), b int constraint d check (b > 0) not enforced);
create table r (t int constraint f references t, u int constraint g references t not enforced);
