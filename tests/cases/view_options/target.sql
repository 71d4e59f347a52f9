create table t (a int); create view v as select a from t where a > 0;
create function f() returns trigger language plpgsql as $$ begin return new; end $$; create view i as select a from t; create view m as select a from t;
