create type size as (w int, h int, unit text);
create table parcel (id int primary key, s size);
create function area(s size) returns bigint language sql immutable as $$ select (s.w * s.h)::bigint $$;
create view sizes as select (s).w, (s).unit, s from parcel;
