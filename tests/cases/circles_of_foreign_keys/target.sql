create table manager (id int primary key);
