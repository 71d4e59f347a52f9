create table product (id serial primary key, price numeric(14,4), cents bigint not null default 0 constraint positive check (cents >= 0));
create view prices as select id, cents, trim_scale(cents / 100.0)::text as shown from product;
