create table raw (a int, b int);
create view two as select a, b from raw;
create view one as select a, b, a + b as c from two;
