create table logs (k text constraint k_said not null, n int) partition by list (k);
create table logs_a partition of logs for values in ('a');
create table logs_b (k text constraint own_k not null, n int);
alter table logs attach partition logs_b for values in ('b');
create table base (id int constraint id_said not null);
create table child (id int constraint own_id not null);
alter table child inherit base;
create table other () inherits (base);
