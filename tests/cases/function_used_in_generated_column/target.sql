create function slugify(t text) returns text language sql immutable as $$ select lower(t) $$;
create table doc (id int primary key, title text, slug text generated always as (slugify(title)) stored, seen int);
create unique index doc_slug on doc (slugify(title));
