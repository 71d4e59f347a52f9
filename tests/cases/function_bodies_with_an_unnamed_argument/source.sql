create table settings (key text primary key, n int, at timestamptz);
create function setting(text, fallback int default 0) returns int language sql stable begin atomic select coalesce(n, fallback) from settings where key = $1; end;
create function "Set up"(a numeric(10,2), timestamp with time zone, "b c" text default 'x,y."")') returns boolean language sql stable return $2 > '2000-01-01' and a > 0 and "b c" <> '"Set up".""';
create function mixed(text, n double precision, variadic more int[]) returns numeric language sql stable begin atomic select (length($1) + more[1])::numeric; end;
create view seen as select key, setting(key, 3) as n from settings where "Set up"(1, at);
