create table t (id int primary key); create table r (a int constraint f references t deferrable initially deferred, b int constraint g references t deferrable, c int constraint h references t);
