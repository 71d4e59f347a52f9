create schema app;
create schema "App";
create schema lib;
create type lib.kind as enum ('a', 'b', 'c');
create function lib.first() returns lib.kind language sql immutable as $$ select 'a'::lib.kind $$;
create table app.note (id int primary key, body text, kind lib.kind default lib.first());
create table "App".note (id int references app.note, kind lib.kind[]);
create view public.note as select a.body, b.kind from app.note a join "App".note b using (id);
