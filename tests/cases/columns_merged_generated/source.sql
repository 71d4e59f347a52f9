create table address (id int primary key, street text, number text, line text generated always as (street || ' ' || number) stored);
create unique index address_line on address (line);
create view addresses as select id, line from address;
