create table p (id int primary key, x int); create table p2 (a int, b int, primary key (a, b)); create table t (a int references p on delete cascade, b int references p on update set null deferrable);
alter table t add constraint m foreign key (a, b) references p2 on delete set null (b);
