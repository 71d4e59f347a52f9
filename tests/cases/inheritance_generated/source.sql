create table parent (id int, g int generated always as (id * 2) stored);
create table child (b int) inherits (parent);
