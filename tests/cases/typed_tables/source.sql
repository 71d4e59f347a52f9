create type person as (name text, age int);
create table people of person (name not null, age with options default 3, primary key (name));
create table plain (name text, age int);
create table bound of person;
