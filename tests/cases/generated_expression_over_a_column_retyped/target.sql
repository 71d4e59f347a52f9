create text search configuration cfg (copy = pg_catalog.simple);
create table ts (id int primary key, body varchar(100), n bigint generated always as (length(body)) stored, tsv tsvector generated always as (to_tsvector('public.cfg', body)) stored);
create index on ts using gin (tsv);
