create table project (id int primary key, name text);
create table task (id int primary key, project int references project, title text);
