create function far(a int, b int) returns float8 language sql immutable as 'select (a - b)::float8';
create type span as range (subtype = int, subtype_diff = far); comment on type span is 's';
create type floats as range (subtype = float8, subtype_diff = float8mi, multirange_type_name = many_floats);
create type words as range (subtype = text, collation = "C");
create table t (id int primary key, s span default span(1, 5), m span_multirange, w words[], exclude using gist (s with &&));
create view v as select lower(s) as l from t;
