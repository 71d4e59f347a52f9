create table t (a int, b int, constraint one unique nulls not distinct (a, b), constraint two unique (b));
create unique index three on t (a desc nulls last) nulls not distinct where b > 0;
