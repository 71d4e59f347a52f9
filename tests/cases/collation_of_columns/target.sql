create collation others (locale = 'C'); create table t (a text, b text collate others); create index i on t (a);
