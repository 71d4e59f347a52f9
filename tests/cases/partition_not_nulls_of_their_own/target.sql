create table p (a int, b int) partition by list (a); create table p1 partition of p for values in (1) partition by list (b); create table p11 partition of p1 for values in (1); create table p12 partition of p1 for values in (2);
create table k (a int, b int) partition by list (b); create table k1 partition of k for values in (1);
create table r (a int constraint before not null, b int) partition by list (a); create table r1 (a int constraint middle not null, b int) partition by list (b); create table r11 partition of r1 for values in (1); alter table r attach partition r1 for values in (1);
