create type span as range (subtype = int);
create type plain; create function plain_canon(plain) returns plain language internal immutable strict as 'int4range_canonical';
create type plain as range (subtype = int, canonical = plain_canon);
create type gone; create function gone_canon(gone) returns gone language internal immutable strict as 'int4range_canonical';
create type gone as range (subtype = int, canonical = gone_canon, subtype_diff = int4range_subdiff);
create table t (id int primary key, s span default '[1,3]', m span_multirange); create table u (p plain); create view v as select upper(s) as u from t;
