create table t (id bigserial primary key, a text); create table u (id int generated always as identity primary key, a text);
