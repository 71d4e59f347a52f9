create table sighting (bird text not null, seen date not null, "Place" text constraint placed not null) partition by list (bird);
create table sighting_owl partition of sighting (seen not null, "Place" constraint somewhere not null) for values in ('owl');
create table sighting_jay partition of sighting for values in ('jay') partition by range (seen);
create table sighting_jay_old partition of sighting_jay (seen not null) for values from (minvalue) to ('2020-01-01');
