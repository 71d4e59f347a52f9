create table p (id int, a text) partition by list (a);
create table p_x partition of p for values in ('x'); create table p_y partition of p for values in ('y');
create table h (id int) partition by hash (id); create table h0 partition of h for values with (modulus 2, remainder 0);
