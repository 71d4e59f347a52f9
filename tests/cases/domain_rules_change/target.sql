create domain positive as int constraint above check (value >= 0);
create table t (id int primary key, p positive);
