create table tide (hour int) partition by range (hour);
create table tide_1 partition of tide for values from (0) to (10);
create table tide_2 partition of tide for values from (10) to (20);
create table tide_3 partition of tide for values from (20) to (30);
create table gull (ring int) partition by hash (ring);
create table gull_0 partition of gull for values with (modulus 2, remainder 0);
create table gull_1 partition of gull for values with (modulus 2, remainder 1);
