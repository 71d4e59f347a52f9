create type size as (w bigint, unit text, d int);
create table parcel (id int primary key, s size);
create function area(s size) returns bigint language sql immutable as $$ select s.w * 2 $$;
create view sizes as select (s).w, (s).unit, s from parcel;
