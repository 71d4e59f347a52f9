create foreign data wrapper elsewhere; create server there foreign data wrapper elsewhere;
create table logs (day int) partition by range (day);
create table logs_1 partition of logs for values from (0) to (10);
create index logs_1_own on logs_1 (day desc);
create foreign table logs_2 partition of logs for values from (10) to (20) server there;
create table logs_3 partition of logs for values from (20) to (40) partition by range (day);
create foreign table logs_3_1 partition of logs_3 for values from (20) to (30) server there;
create table logs_3_2 partition of logs_3 for values from (30) to (40);
create index logs_day on logs (day);
