create table sold (item int, day int) partition by list (item);
create table sold_five partition of sold for values in (5);
create table animal (legs int, name text);
create table cat (legs int) inherits (animal);
