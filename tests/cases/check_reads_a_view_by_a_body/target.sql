create table items (id int primary key, code text);
create table moves (item int references items, amount int, at timestamptz not null default now());
create view stock as select item, sum(amount) as on_hand from moves group by item;
create function on_hand(int) returns numeric language sql stable as $$ select s.on_hand from public.stock s where s.item = $1 limit 1 $$;
