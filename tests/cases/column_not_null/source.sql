create table t (id int primary key, a text not null, b text, c int not null default 0);
