create sequence a; create unlogged sequence b;
create unlogged table t (id int generated always as identity);
