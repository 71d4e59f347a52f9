create unlogged sequence a; create sequence b; create unlogged sequence c;
create unlogged table t (id int generated always as identity);
