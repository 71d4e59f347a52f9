create sequence a_numbers as integer;
create table a (id integer not null default nextval('a_numbers'));
create table b (id bigserial);
create sequence free;
alter sequence free owned by b.id;
create table c (id bigint default nextval('b_id_seq'));
