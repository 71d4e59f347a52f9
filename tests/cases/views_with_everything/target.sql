create table sale (id int, region varchar(20), amount int, day date);
create view ranked as select region, sum(amount) over (partition by region order by day rows between unbounded preceding and current row) as running, rank() over w from sale window w as (order by amount desc);
create view cubed as select region, day, sum(amount), grouping(region) from sale group by grouping sets ((region), (day), ());
create view latest as select s.region, l.amount from (select distinct region from sale) s cross join lateral (select amount from sale where sale.region = s.region order by day desc limit 1) l;
create view filtered as with recent as (select * from sale where day > date '2020-01-01') select count(*) filter (where amount > 5) as big, string_agg(region, ',' order by region) as regions from recent;
create view both_sides as select region, amount from sale union all select upper(region), amount * 2 from sale where exists (select from sale x where x.id = sale.id) order by 1;
create view pivot as select x.k, x.v from sale, json_each_text(row_to_json(sale)) as x(k, v);
