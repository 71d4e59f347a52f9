create table sighting (bird text not null, seen date not null, "Place" text constraint placed not null) partition by list (bird);
