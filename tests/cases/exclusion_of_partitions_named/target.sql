create table stays (room int4range, during int4range) partition by list (room);
create table stays_1 partition of stays for values in ('[1,2)');
create table stays_2 partition of stays for values in ('[2,3)');
create index own on stays_2 using gist (room, during);
