create collation german (locale = 'C');
create table t (id int primary key, a text collate german, b text, c text collate "C");
create index t_a on t (a);
