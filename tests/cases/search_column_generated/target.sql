create table page (id serial primary key, title text, body text, search tsvector);
create index page_search on page using gin (search);
create function fill_search() returns trigger language plpgsql as $$ begin new.search := to_tsvector('simple', new.title); return new; end $$;
create trigger fill before insert or update on page for each row execute function fill_search();
