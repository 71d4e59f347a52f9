create table base (id int, label text);
create table letter (id int, label text);
