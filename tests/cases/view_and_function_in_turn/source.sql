create table t (a int, b text);
create view inner_view as select b, a, 1 as more from t;
create function counted() returns bigint language sql stable begin atomic select count(*) from inner_view where more = 1; end;
create view outer_view as select counted() as n, b from inner_view;
