create table item (id int primary key, name text);
create table part (id int primary key, item int references item);
