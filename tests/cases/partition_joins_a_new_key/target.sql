create table p1 (id int primary key, a int);
create index on p1 (a);
create table q1 (id int primary key, a int);
create index on q1 (a);
create table r1 (id int, a int);
