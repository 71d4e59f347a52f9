create table orders (id int not null, region text not null, note text default 'x', constraint sound check (id > 0), primary key (id, region)) partition by list (region);
create table orders_eu partition of orders for values in ('eu', 'uk') partition by hash (id);
create table orders_eu_0 partition of orders_eu for values with (modulus 2, remainder 0);
create table orders_eu_1 partition of orders_eu for values with (modulus 2, remainder 1);
create table orders_us partition of orders for values in ('us');
create table orders_rest partition of orders default;
