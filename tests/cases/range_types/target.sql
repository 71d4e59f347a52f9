create type span as range (subtype = int, multirange_type_name = spans);
create type words as range (subtype = text, subtype_opclass = text_pattern_ops, collation = "C"); create type old as range (subtype = date);
create table t (id int primary key, s span default span(1, 5), m spans, w words[], exclude using gist (s with &&));
create view v as select lower(s) as l from t;
