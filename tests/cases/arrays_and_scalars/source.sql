create table tagged (id int primary key, tags text[] not null default '{}', numbers bigint[]);
create index tagged_tags on tagged using gin (tags);
create function has(t tagged, tag text, more text[] default '{x}') returns boolean language sql as $$ select tag = any (t.tags || more) $$;
