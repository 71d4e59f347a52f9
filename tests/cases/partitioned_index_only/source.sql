create table p (id int, a int) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create index p_a on only p (a);
create index p1_own on p1 (a) with (fillfactor = 70);
alter index p_a attach partition p1_own;
