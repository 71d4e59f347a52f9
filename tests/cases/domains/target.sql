create domain amount as numeric(10,2) constraint positive check (value > 0) constraint odd check (value <> 13);
create table t (id int primary key, a amount, b text);
