create table base (id int, label text, constraint said check (label <> ''));
create table letter (id int, label text, constraint said check (label <> '')); alter table letter inherit base;
