create table t (a int, b text);
create view low as select a, b, 1 as c from t;
create function rows_of_low() returns setof low language sql stable as $$ select * from low $$;
create view top as select a, b from rows_of_low() where c = 1;
