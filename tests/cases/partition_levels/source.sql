create table k (id int primary key);
create table p (id int, d date, k int references k, primary key (id, d)) partition by range (d);
create table y partition of p for values from ('2020-01-01') to ('2021-01-01') partition by list (id);
create table y1 partition of y for values in (1); create table y2 partition of y for values in (2); create unique index p_u on p (d, id, k);
create index y_k on y (k);
