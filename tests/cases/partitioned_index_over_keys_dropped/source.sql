create table p (id int not null, a int not null) partition by list (id);
create table p1 partition of p for values in (1);
alter table p1 add constraint own unique (id, a);
create table p2 partition of p for values in (2);
alter table p2 add primary key (id, a);
create table r (id int, a int, foreign key (id, a) references p1 (id, a));
