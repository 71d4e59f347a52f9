create table n (id int not null, c int, constraint u check (c > 1) no inherit, constraint v check (c > 2)); create table h () inherits (n);
