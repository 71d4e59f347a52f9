create table raw (a int, b int);
create view one as select a, b, 0 as c from raw;
create view two as select a, b, c from one;
