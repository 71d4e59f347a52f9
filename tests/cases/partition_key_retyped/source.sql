create table parcel (id bigint not null, depot text not null, weight int) partition by range (id);
create table parcel_low partition of parcel for values from (0) to (1000);
create table "Van" (id int, "Plate" varchar(12)) partition by list (id);
create table van_1 partition of "Van" for values in (1) partition by list (lower("Plate"));
create table van_1_a partition of van_1 for values in ('a');
create view van_plates as select "Plate" from "Van";
