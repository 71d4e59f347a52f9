create table k (id int primary key);
create table p (id int, d date, k int, primary key (id, d)) partition by range (d);
create table y partition of p for values from ('2020-01-01') to ('2021-01-01') partition by list (id);
create table y1 partition of y for values in (1);
