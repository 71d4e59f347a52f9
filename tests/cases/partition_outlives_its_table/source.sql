create table p1 (id int not null, a text);
