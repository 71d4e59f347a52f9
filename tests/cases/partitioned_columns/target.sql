create table p (id int, a int, c text, n int, g int generated always as (a * 2) stored) partition by range (id);
create table p1 partition of p for values from (0) to (10); create table p2 partition of p for values from (10) to (20) partition by range (id); create table p2a partition of p2 for values from (10) to (15);
create index p_a on p (a); create view v as select a from p1; create view w as select a from p2a;
