create type span as range (subtype = numeric);
create table booking (id int primary key, room int, during span, exclude using gist (during with &&));
create function overlaps_any(s span) returns boolean language sql stable begin atomic select exists (select from booking where during && s); end;
