create table colour (value text primary key, comment text);
create table item (id int primary key, colour text not null);
create function colours() returns setof colour language sql stable begin atomic select * from colour; end;
