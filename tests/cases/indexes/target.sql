create table t (id int primary key, a text, b int, c jsonb, d int4range);
create index i1 on t (upper(a)); create index i2 on t (a); create index i3 on t using gin (c); create index i8 on t (b) where a is null;
