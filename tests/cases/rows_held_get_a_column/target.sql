create table address (id int primary key, street text);
create table person (id int primary key, home address, former address[] not null default '{}');
create view homes as select id, (home).street from person;
create table visit (id int, stop address);
