create table t (id int primary key, a int, b text default 'b', c int default 4, d text default '7', e varchar(5) default 'x', f timestamptz default '2024-01-01');
