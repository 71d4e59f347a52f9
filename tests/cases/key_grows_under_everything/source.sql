create table customer (id bigint primary key, name text);
create table invoice (id bigint primary key, customer_id bigint not null references customer on delete cascade, amount numeric, doubled bigint generated always as (id * 2) stored);
create index invoice_customer on invoice (customer_id) include (amount);
create view invoices as select c.name, i.* from customer c join invoice i on i.customer_id = c.id;
create materialized view totals as select customer_id, sum(amount) as total from invoice group by customer_id;
create unique index totals_customer on totals (customer_id);
create function of_customer(c bigint) returns setof invoice language sql stable begin atomic select * from invoice where customer_id = c; end;
alter table invoice enable row level security;
create policy own on invoice using (customer_id > 0);
