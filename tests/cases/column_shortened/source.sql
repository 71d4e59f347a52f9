create table t (id int primary key, a varchar(5), b char(3), c bit(3), d varchar(5)[], e numeric(6,1), f date, g text);
