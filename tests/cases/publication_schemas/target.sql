create schema s; create schema gone; create table s.t (a int primary key);
create publication p for tables in schema s, gone; create publication q for table s.t;
