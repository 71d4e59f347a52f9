create table p (a int not null, b int not null) partition by list (a); create table p1 (a int not null, b int not null); create table p2 partition of p for values in (2);
create table q (a int not null, b int not null) partition by list (a); create table q11 (a int not null, b int not null);
create table r (a int, b int) partition by list (a); create table r1 partition of r for values in (1) partition by list (b); create table r11 (a int, b int);
