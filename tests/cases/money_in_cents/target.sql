create table product (id serial primary key, price numeric(10,2) not null constraint positive check (price >= 0), cents integer);
create view prices as select id, cents, price::text as shown from product;
