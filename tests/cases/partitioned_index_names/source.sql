create table p (id int, a int) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create index p_a on only p (a);
create index first_a on p1 (a) with (fillfactor = 60); alter index p_a attach partition first_a;
create index second_a on p2 (a); alter index p_a attach partition second_a;
comment on index first_a is 'the first';
