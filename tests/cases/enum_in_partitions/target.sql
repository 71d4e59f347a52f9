create type e as enum ('a', 'b'); create domain d as e check (value <> 'b'::e);
create table p (id int, k e, v d) partition by range (id);
create table p1 partition of p for values from (0) to (10); create index p_k on p (k);
