create table person (id int primary key, full_name text);
create view people as select id, full_name from person;
