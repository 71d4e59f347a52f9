create table t (id int primary key, a int); create function total() returns numeric language sql stable begin atomic select sum(a) from t; end; create view v as select total();
