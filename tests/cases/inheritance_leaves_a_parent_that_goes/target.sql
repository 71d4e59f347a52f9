create table base (id int primary key, created timestamptz not null default now());
create table stamped (stamp text, created timestamptz not null default '2000-01-01 00:00+00');
create table parcel (weight int) inherits (base); alter table parcel add column stamp text; alter table parcel inherit stamped;
alter table parcel alter column created set default '2001-01-01 00:00+00';
