create table t (id int primary key, a int constraint c check (a > 0) not enforced, b int constraint d check (b > 0));
create table r (t int constraint f references t not enforced, u int constraint g references t);
