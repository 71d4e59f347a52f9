create table t (id int primary key, a bigint, b text);
create view v1 as select id, a, b from t; create view v2 as select a + 1 as a1, b from v1 where a > 0;
create materialized view v3 as select max(a1) as m from v2; create unique index v3_m on v3 (m);
create view v4 as select m from v3 join v1 on v1.a = v3.m; comment on column v4.m is 'most'; comment on view v4 is 'last';
