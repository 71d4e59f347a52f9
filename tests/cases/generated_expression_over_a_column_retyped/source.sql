create text search configuration cfg (copy = pg_catalog.english);
create table ts (id int primary key, body text, n bigint generated always as (length(body) * 2) stored, tsv tsvector generated always as (to_tsvector('public.cfg', coalesce(body, ''))) stored);
create index on ts using gin (tsv);
