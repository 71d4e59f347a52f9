create sequence a_numbers as integer;
create table a (id integer not null default nextval('a_numbers'));
alter sequence a_numbers owned by a.id;
create sequence free;
create table b (id bigint default nextval('free'));
create table c (id bigint default nextval('free'));
