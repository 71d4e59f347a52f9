create table t (a int, b int, primary key (a, b));
create table r (a int, b int, c int default 1, up int, id int primary key,
 constraint one foreign key (a, b) references t on delete set null (b) on update cascade, constraint two foreign key (c, b) references t match full on delete set default,
 constraint self foreign key (up) references r on delete restrict);
