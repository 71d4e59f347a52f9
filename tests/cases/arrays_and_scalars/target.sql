create table tagged (id int primary key, tags varchar(20)[] not null default '{}', numbers integer[]);
create index tagged_tags on tagged using gin (tags);
create function has(t tagged, tag text, more varchar[] default '{x}') returns boolean language sql as $$ select tag = any (t.tags) $$;
