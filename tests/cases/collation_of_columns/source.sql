create collation own (locale = 'C.UTF-8'); create table t (a text collate own, b text); create index i on t (a);
