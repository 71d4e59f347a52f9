create table address (id int primary key, street text, number text);
create view addresses as select id, street || ' ' || number as line from address;
