create table t (id int primary key, a varchar(10), b varchar(20) not null, c json) with (fillfactor = 90);
alter table t alter b set storage plain, alter c set statistics 10;
create unique index t_b on t (b);
alter table t replica identity full;
alter table t cluster on t_b;
