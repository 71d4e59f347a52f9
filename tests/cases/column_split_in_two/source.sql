create table person (id int primary key, first_name text, last_name text, full_name text);
create view people as select id, coalesce(first_name || ' ' || last_name, full_name) as full_name from person;
