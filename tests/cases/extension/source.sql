create extension vector; create table t (id int primary key, v vector(3)); create index i on t using hnsw (v vector_l2_ops); create function near(a vector) returns int language sql as 'select 1';
