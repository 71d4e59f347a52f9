create table p (id int, a int) partition by list (id);
create table first partition of p for values in (1);
create schema apart;
create table apart.second partition of p for values in (2);
create table parent (a int);
create table child () inherits (parent);
