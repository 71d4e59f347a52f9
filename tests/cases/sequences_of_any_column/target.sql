create domain number as int;
create table t (i int, s text, d number);
