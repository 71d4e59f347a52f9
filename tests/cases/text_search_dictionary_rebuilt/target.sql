create text search dictionary d (template = simple, accept = true);
create text search configuration c (parser = "default"); alter text search configuration c add mapping for word, asciiword with d;
create table t (id int primary key, body text); create index i on t using gin (to_tsvector('c', body));
create view v as select ts_lexize('d', body) from t;
