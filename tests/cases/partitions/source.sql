create table p (id int, at date not null, k text, primary key (id, at, k)) partition by range (at); create index p_k on p (k);
create table p1 partition of p for values from ('2024-01-01') to ('2025-01-01'); create table p2 partition of p for values from ('2025-01-01') to (maxvalue) partition by list (k);
create table p2a partition of p2 for values in ('a', 'it''s'); create table pd partition of p default; create table h (a int) partition by hash (a); create table h0 partition of h for values with (modulus 2, remainder 0);
