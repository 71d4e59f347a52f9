create type person as (name text, age int);
create table people (name text, age int);
create table plain of person;
create table gone of person;
