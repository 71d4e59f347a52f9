create function f(int) returns int language plpgsql as 'begin return $1; end';
create function note() returns trigger language plpgsql as 'begin return new; end';
create table t (a int); create trigger g before insert on t for each row execute function note(); create view v as select f(a) as f from t;
