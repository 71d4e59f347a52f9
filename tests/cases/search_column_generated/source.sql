create table page (id serial primary key, title text, search tsvector generated always as (setweight(to_tsvector('simple', coalesce(title, '')), 'A') || to_tsvector('simple', coalesce(body, ''))) stored, body text);
create index page_search on page using gin (search);
