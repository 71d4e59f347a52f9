create table t (id int generated always as identity primary key, a text); create table u (id bigserial primary key);
