create text search configuration c (parser = "default");
alter text search configuration c add mapping for asciiword, "int" with simple;
create table t (id int primary key, body text, words tsvector generated always as (to_tsvector('c', body)) stored);
create index i on t using gin (to_tsvector('c', body));
