create table load (id int constraint load_known not null, kg int) partition by list (id);
create table load_1 partition of load for values in (1);
create table load_2 (id int constraint known not null, kg int constraint weighed not null);
alter table load attach partition load_2 for values in (2);
