create function slugify(t text, separator text default '-') returns text language sql immutable as $$ select lower(replace(t, ' ', separator)) $$;
create table doc (id int primary key, title text, slug text generated always as (slugify(title)) stored, seen int);
create unique index doc_slug on doc (slugify(title, '_'));
