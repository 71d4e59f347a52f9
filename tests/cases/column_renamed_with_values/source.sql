create table client (id int primary key, phone_number varchar(40));
create index client_phone on client (phone_number);
