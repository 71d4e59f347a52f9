create table contact (id int primary key);
create table email (id int primary key references contact, email text);
create view report as select count(*) as n from email;
