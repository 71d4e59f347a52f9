create table t (a int); create view v with (security_barrier = true, check_option = local) as select a from t where a > 0;
create function f() returns trigger language plpgsql as $$ begin return new; end $$; create view i as select a from t;
create trigger ii instead of insert on i for each row execute function f(); create materialized view m as select a from t with no data;
