create table tide (hour int) partition by range (hour);
create table tide_1 partition of tide for values from (0) to (15);
create table tide_2 partition of tide for values from (15) to (25);
create table tide_4 partition of tide for values from (25) to (30);
create table gull (ring int) partition by hash (ring);
create table gull_0 partition of gull for values with (modulus 3, remainder 0);
create table gull_1 partition of gull for values with (modulus 3, remainder 1);
create table gull_2 partition of gull for values with (modulus 3, remainder 2);
