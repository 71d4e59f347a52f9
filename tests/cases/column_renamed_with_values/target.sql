create table client (id int primary key, phone varchar(40));
create index client_phone on client (phone);
