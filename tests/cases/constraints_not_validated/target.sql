create table p (id int primary key); create table t (id int, a int);
alter table t add constraint c check (a > 0) not valid; alter table t add constraint f foreign key (id) references p not valid;
alter table t add constraint d check (a > 1);
