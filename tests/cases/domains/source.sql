create domain amount as numeric(10,2) default 0 not null constraint positive check (value >= 0) constraint small check (value < 1000000);
create domain fresh as text; comment on domain fresh is 'f';
create table t (id int primary key, a amount, b fresh);
