create table p (id int not null, a int, primary key (id)) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create unique index p_id_a on p (id, a);
create index p_a on p (a);
alter table p1 cluster on p1_pkey;
