create type "State" as enum ('OPEN', 'PAID', 'LOST', 'SHIPPED');
create table "Order" (id int primary key, state "State" not null default 'OPEN', history "State"[] not null default '{}', check (state <> 'SHIPPED' or id > 0));
create index "Order_open" on "Order" (id) where state = 'OPEN';
create view "Open" as select * from "Order" where state = 'OPEN';
create function is_open(s "State") returns boolean language sql immutable as $$ select s = 'OPEN' $$;
