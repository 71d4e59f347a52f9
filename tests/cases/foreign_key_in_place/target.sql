create table t (id int primary key); create table r (a int constraint f references t, b int constraint g references t deferrable initially deferred, c int constraint h references t deferrable);
