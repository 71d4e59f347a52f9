create table sub (a int, b int, v text, primary key (a, b));
create table line (id int primary key, a int, b int, foreign key (a, b) references sub match full);
