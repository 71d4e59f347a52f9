create table seats (hall int, place int) partition by list (hall);
create table seats_1 partition of seats for values in (1);
create table seats_4 (place int, hall int);
create unique index seats_4_hall on seats_4 (hall) include (place);
create unique index seats_4_hall_alone on seats_4 (hall);
