create schema app;
create schema lib;
create schema attic;
create type lib.kind as enum ('a', 'b');
create table app.note (id int primary key, body text, kind lib.kind);
create table attic.note (id int references app.note, kind lib.kind);
create view public.note as select a.body, b.kind from app.note a join attic.note b using (id);
