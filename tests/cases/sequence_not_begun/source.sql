create sequence tickets as smallint maxvalue 9; create sequence waiting minvalue 10 maxvalue 20 start 15;
create sequence falling increment -1 minvalue -10 maxvalue -1 start -2; create sequence begun maxvalue 100;
create table door (id integer generated always as identity (maxvalue 50));
