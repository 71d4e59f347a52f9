create foreign data wrapper elsewhere; create server there foreign data wrapper elsewhere;
create table logs (day int) partition by range (day);
create table logs_1 partition of logs for values from (0) to (10);
create index logs_1_own on logs_1 (day desc);
create table logs_2 partition of logs for values from (10) to (20);
