create domain number as int;
create table t (i int, s text, d number);
create sequence a owned by t.i;
create sequence b owned by t.s;
create sequence c owned by t.d;
