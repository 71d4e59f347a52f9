create table price (id int primary key, amount text not null constraint positive check (amount <> ''));
