create type span as range (subtype = float8);
create table booking (id int primary key, room int, during span);
create function overlaps_any(s span) returns boolean language sql stable begin atomic select exists (select from booking where during && s); end;
