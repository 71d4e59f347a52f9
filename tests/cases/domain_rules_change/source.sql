create domain positive as int default 1 not null constraint above check (value > 0) constraint below check (value < 1000);
create table t (id int primary key, p positive);
comment on domain positive is 'more than nothing';
