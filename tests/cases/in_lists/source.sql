create table t (id int primary key, s varchar(10) not null check (s in ('a', 'b', 'it''s [x]')), c char(3) check (c in ('x', 'yy')));
create index i on t (id) where s in ('a', 'b'); create view v as select id from t where s in ('a', 'b') and s not in ('z', 'y'); alter table t add check (s = any ('{a,b}'::text[]) or s like any (array['x%', 'y%']));
