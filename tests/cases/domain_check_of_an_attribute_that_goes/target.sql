create type addr as (street text, country char(2));
create domain daddr as addr check ((value).country <> '');
create table p (id int primary key, who daddr);
create view pv as select (who).country as zip from p;
