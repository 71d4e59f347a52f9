create table t (a int); revoke delete on t from current_user; create table u (a int); alter table u owner to case_ben; create function f() returns int language sql as 'select 1';
