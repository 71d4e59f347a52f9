create table kept (id int);
create sequence s;
create table a (id int primary key default nextval('s'));
create table b (id int references a, n int);
alter sequence s owned by b.n;
