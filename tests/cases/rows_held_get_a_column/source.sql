create type place as enum ('town', 'country');
create table address (id int primary key, street text, kind place not null default 'town', seen timestamptz default now(), note text);
create table person (id int primary key, home address, former address[] not null default '{}');
create index on address (kind) where kind = 'town';
create view homes as select id, (home).street, (home).kind from person;
create table visit (id int, stop address);
