create type other as enum ('x'); create table t (id int primary key, k text default 'a', l other);
