create table p (id int primary key) partition by range (id); create table p1 partition of p for values from (0) to (10);
create table q (id int, p int references p on delete cascade, primary key (id)) partition by list (id); create table q1 partition of q for values in (1); create table q2 partition of q for values in (2);
create table r (p int references p, own int); alter table q2 add constraint q2_own foreign key (id) references p;
