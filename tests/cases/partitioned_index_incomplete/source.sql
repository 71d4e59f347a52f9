create table i (a int, b int) partition by range (a);
create table i1 partition of i for values from (0) to (100);
create table i2 partition of i for values from (100) to (1000) partition by range (a);
create table i21 partition of i2 for values from (100) to (200); create table i22 partition of i2 for values from (200) to (300);
create index on i22 (a); create index on only i2 (a); create index on i (a);
create table k (a int) partition by list (a); create table k1 partition of k for values in (1); create index k_a on only k (a); create index k1_a on k1 (a); alter index k_a attach partition k1_a;
