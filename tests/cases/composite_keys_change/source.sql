create table sub (a int, b int, c int not null default 0, v text, primary key (a, b, c));
create table line (id int primary key, a int, b int, c int default 0, foreign key (a, b, c) references sub (a, b, c) match full on update cascade);
