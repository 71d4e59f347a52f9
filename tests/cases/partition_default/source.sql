create table p (id int, a text) partition by list (a);
create table p_x partition of p for values in ('x', null); create table p_rest partition of p default;
create table h (id int) partition by hash (id); create table h0 partition of h for values with (modulus 2, remainder 0); create table h1 partition of h for values with (modulus 2, remainder 1);
