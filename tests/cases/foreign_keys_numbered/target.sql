create table pk (a int primary key) partition by range (a);
create table pk1 partition of pk for values from (1) to (100) partition by range (a);
create table pk11 partition of pk1 for values from (1) to (50);
create table pk12 partition of pk1 for values from (50) to (100);
create table fk (a int) partition by range (a);
create table fk1 partition of fk for values from (1) to (100);
create table fk_d partition of fk default;
create table plain (a int);
