create table author (id serial primary key, first text, last text, born date);
create function full_name(a author) returns text language sql stable as $$ select a.first || ' ' || a.last $$;
create function search_authors(q text) returns setof author language sql stable as $$ select * from author where full_name(author) ilike '%' || q || '%' $$;
