create table t (id int primary key, a int, constraint u unique (a) using index tablespace fast deferrable);
create index i on t (a) with (fillfactor = 50) where a > 0;
create materialized view m as select a from t; create index m_a on m (a);
create table kept (id int) tablespace fast;
create table part (id int, a int);
create table q (id int, a int, primary key (id)) partition by list (id);
create index q_a on q (a);
create table q1 partition of q for values in (1);
