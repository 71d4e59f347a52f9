create type person as (name text, age int, mail text);
create table people of person;
