create type addr as (street text, zip varchar(10));
create domain daddr as addr check ((value).zip <> '') default row('a','b')::addr;
create table p (id int primary key, who daddr);
create view pv as select (who).zip from p;
