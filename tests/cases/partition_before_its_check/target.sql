create table p (id int, a int) partition by list (id);
create table before partition of p for values in (0);
alter table p add constraint positive check (a > 0) not valid;
create table after partition of p for values in (2);
create table apart partition of p for values in (3);
create table parent (a int);
create table child () inherits (parent);
create table younger () inherits (parent);
alter table parent add constraint positive check (a > 0) not valid;
