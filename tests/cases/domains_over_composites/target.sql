create type addr as (street text, zip varchar(10), country char(2));
create domain daddr as addr check ((value).zip ~ '^[0-9A-Z]+$') check ((value).country is not null);
create type person as (name varchar(50), home daddr);
create domain dperson as person;
create table p (id int primary key, who dperson, rest person[], addr daddr default row('a','1','DE')::addr);
create function zip(daddr) returns text language sql immutable as $$ select upper(($1).zip) $$;
create index pz on p (zip(addr));
create view pv as select (who).home, zip(addr) from p;
