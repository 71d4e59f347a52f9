create table t (a int); alter table t owner to "Case ""Odd"""; create table u (a int); grant insert (a) on u to "case-Ünlich" with grant option;
