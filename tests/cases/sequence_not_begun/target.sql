create sequence tickets start 77; create sequence waiting minvalue 12 start 50;
create sequence falling increment -1 minvalue -100 maxvalue -1 start -50; create sequence begun start 60;
create table door (id integer generated always as identity (start 70));
