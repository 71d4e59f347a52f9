create table t (id int primary key, a text, b int not null default 0, c text collate "C");
create index t_a on t (a);
