create table price (id int primary key, amount numeric(10,2) not null constraint positive check (amount > 0), gross numeric generated always as (amount * 1.2) stored);
