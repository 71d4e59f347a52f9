create table load (id int, kg int) partition by list (id);
create table load_1 partition of load for values in (1);
create table load_2 (id int constraint had_before not null, kg int);
alter table load attach partition load_2 for values in (2);
