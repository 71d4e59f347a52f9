create table t (id int primary key, a text, b int, c jsonb, d int4range);
create unique index i1 on t (lower(a)) where b > 0; create index i2 on t (a desc nulls last, b) include (id);
create index i3 on t using gin (c jsonb_path_ops); create index i4 on t using gist (d); create index i5 on t using hash (a);
create index i6 on t using brin (b) with (pages_per_range = 16); create index i7 on t (a text_pattern_ops); comment on index i7 is 'like';
