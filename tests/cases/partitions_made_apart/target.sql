create table sensor (id int primary key);
