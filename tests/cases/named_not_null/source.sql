create table t (a int constraint a_is_there not null, b int not null, c int constraint c_is_there not null no inherit, d int, e int constraint first_e not null, f int);
alter table t add constraint d_is_there not null d not valid; comment on constraint a_is_there on t is 'needed';
