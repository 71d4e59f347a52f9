create table visit (id int generated always as identity, tally serial);
create table room (id int generated always as identity, tally serial); alter sequence room_tally_seq set unlogged;
create table tray (id int);
create unlogged table cup (id int generated always as identity); alter sequence cup_id_seq set logged;
