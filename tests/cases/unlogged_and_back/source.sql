create unlogged table a (id serial primary key, v text);
create table b (id int generated always as identity primary key, v text);
create index b_v on b (v);
