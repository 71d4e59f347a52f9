create table base (id int primary key, created timestamptz not null default now());
create table parcel (weight int) inherits (base);
