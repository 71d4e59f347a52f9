create sequence s; create table a (id bigint primary key default nextval('s'), b_id int);
create table b (id int primary key, a_id bigint references a); alter table a add foreign key (b_id) references b; alter sequence s owned by b.id;
