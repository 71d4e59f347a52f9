create unlogged table visit (id int generated always as identity, tally serial); alter sequence visit_id_seq set logged; alter sequence visit_tally_seq set logged;
create table room (id int generated always as identity, tally serial); alter sequence room_id_seq set unlogged;
create unlogged table tray (id int generated always as identity); alter sequence tray_id_seq set logged;
create table cup (id int generated always as identity); alter sequence cup_id_seq set unlogged;
