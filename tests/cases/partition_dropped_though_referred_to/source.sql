create table p (id int primary key) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create table other (id int primary key, p int references p);
