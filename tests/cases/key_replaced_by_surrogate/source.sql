create table country (id int generated always as identity primary key, code char(2) not null, constraint country_code unique (code));
create table city (id int primary key, country char(2) constraint city_country references country (code));
