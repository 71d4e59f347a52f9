create table n (id int not null, c int, constraint u primary key (id), constraint v check (c > 2) no inherit); create table h () inherits (n);
