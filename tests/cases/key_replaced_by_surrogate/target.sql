create table country (code char(2) primary key);
create table city (id int primary key, country char(2) constraint city_country references country (code));
