create table p (id int, a int) partition by list (id);
create table first partition of p for values in (1);
create schema apart;
create table apart.second partition of p for values in (2);
alter table p add constraint small check (id between 1 and 99);
create table parent (a int);
create table child () inherits (parent);
alter table parent add constraint positive check (a > 0);
