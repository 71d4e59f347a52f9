create table a (id serial primary key, v text);
create unlogged table b (id int generated always as identity primary key, v text);
create index b_v on b (v);
