create table t (a int, b int, constraint one unique (a, b), constraint two unique nulls not distinct (b));
create unique index three on t (a desc nulls last) where b > 0;
