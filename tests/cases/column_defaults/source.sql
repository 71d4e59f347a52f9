create table t (id int primary key, a int default 1, b text, c int default 3, d bigint default 7, e text default 'x', f timestamptz default now());
