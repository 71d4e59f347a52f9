create schema s; create schema "T x"; create table s.t (a int primary key);
create publication p for tables in schema s, "T x"; create publication q for tables in schema public;
