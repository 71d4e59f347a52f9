create table t (id int constraint old_key primary key, a int constraint old_check check (a > 0), b int, c int constraint old_unique unique);
create index old_b on t (b); create table r (t int constraint old_fk references t (id));
