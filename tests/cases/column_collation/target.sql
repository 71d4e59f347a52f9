create collation german (locale = 'C');
create table t (id int primary key, a text, b text collate german, c text collate "POSIX");
create index t_a on t (a);
