create table t (id int constraint t_key primary key, a int constraint a_positive check (a > 0), b int, c int constraint c_once unique);
create index by_b on t (b); create table r (t int constraint r_to_t references t (id));
