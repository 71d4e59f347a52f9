create table stays (room int4range, during int4range) partition by list (room);
create table stays_1 partition of stays for values in ('[1,2)');
create table stays_2 partition of stays for values in ('[2,3)');
create index own on stays_2 using gist (room, during);
alter table stays add constraint apart exclude using gist (room with =, during with &&);
alter table stays_1 rename constraint stays_1_room_during_excl to first_apart;
-- the partitioned table's alone, and one of the partition's own
create table calls (line int4range, during int4range) partition by list (line);
create table calls_1 partition of calls for values in ('[1,2)');
alter table only calls add constraint calls_apart exclude using gist (line with =, during with &&);
alter table calls_1 add constraint calls_1_apart exclude using gist (line with =, during with &&);
