create type span; create function span_canon(span) returns span language internal immutable strict as 'int4range_canonical';
create type span as range (subtype = int, canonical = span_canon);
create table t (id int primary key, s span default '[1,3]', m span_multirange); comment on type span is 's';
create type plain as range (subtype = int); create table u (p plain); create view v as select upper(s) as u from t;
