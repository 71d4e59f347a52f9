create text search parser split (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
create text search configuration c (parser = split); alter text search configuration c add mapping for word with simple;
create table t (id int primary key, body text, q tsquery default to_tsquery('c', 'a'), check (to_tsvector('c', body) <> ''));
create index i on t using gin (to_tsvector('c', body));
create view v as select ts_headline('c', body, q) as h from t;
create domain d as text check (to_tsvector('c', value) is not null);
create function f(t text) returns tsvector language sql begin atomic select to_tsvector('c', t); end;
