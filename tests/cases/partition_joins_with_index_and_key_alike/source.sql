create table p (a int not null, b int not null) partition by list (a); create table p1 partition of p for values in (1); create table p2 partition of p for values in (2); create table p3 partition of p for values in (3);
create unique index u on p (a, b); alter table p add constraint pk primary key (a, b);
create table q (a int not null, b int not null) partition by list (a); create table q1 partition of q for values in (1) partition by list (b); create table q11 partition of q1 for values in (1);
create unique index qu on q (a, b); alter table q add constraint qk primary key (a, b);
create table r (a int, b int) partition by list (a); create table r1 partition of r for values in (1) partition by list (b); create table r11 partition of r1 for values in (1); create index ri on r (a, b); alter index r1_a_b_idx rename to named;
