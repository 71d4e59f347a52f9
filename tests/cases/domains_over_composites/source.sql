create type addr as (street text, zip varchar(10));
create domain daddr as addr check ((value).zip ~ '^[0-9]+$') ;
create type person as (name text, home daddr, others daddr[]);
create domain dperson as person not null;
create table p (id int primary key, who dperson, rest person[], addr daddr default row('a','1')::addr);
create function zip(daddr) returns text language sql immutable as $$ select ($1).zip $$;
create index pz on p (zip(addr));
create view pv as select (who).home, ((who).home).zip as z, zip(addr) from p;
create cast (text as addr) with inout as assignment;
