create table p (id int primary key, x int); create table p2 (a int, b int, primary key (a, b)); create table t (a int references p, b int references p);
alter table t add constraint m foreign key (a, b) references p2 match full;
