-- columns in another order than the parent's, which has an index that one partition has twice in kind
create table seats (hall int, place int) partition by list (hall);
create unique index seats_hall on seats (hall) include (place);
create table seats_1 partition of seats for values in (1);
create table seats_3 (place int, hall int);
alter table seats attach partition seats_3 for values in (3);
create table seats_4 (place int, hall int);
create unique index seats_4_hall on seats_4 (hall) include (place);
create unique index seats_4_hall_alone on seats_4 (hall);
alter table seats attach partition seats_4 for values in (4);
-- a key that no partition has a share of
create table halls (hall int not null, name text) partition by list (hall);
create table halls_1 (name text, hall int not null);
alter table halls attach partition halls_1 for values in (1);
alter table only halls add primary key (hall);
