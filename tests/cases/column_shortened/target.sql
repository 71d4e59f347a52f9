create table t (id int primary key, a text, b text, c bit(8), d text[], e numeric(6,2), f timestamptz, g varchar(9));
