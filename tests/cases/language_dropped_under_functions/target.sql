create language other handler plpgsql_call_handler; create function of_box(internal) returns internal language internal immutable as 'int4in';
create transform for box language other (from sql with function of_box(internal));
create function f(int) returns int language other as 'begin return $1; end';
create function note() returns trigger language other as 'begin return new; end';
create table t (a int); create trigger g before insert on t for each row execute function note(); create view v as select f(a) as f from t;
