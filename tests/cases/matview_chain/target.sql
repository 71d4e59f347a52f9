create table hit (id int primary key, day date);
create materialized view per_day as select day, count(*) as hits, max(id) as last from hit group by day;
create unique index per_day_day on per_day (day);
create materialized view busy as select day, hits, last from per_day where hits > 1;
create index busy_hits on busy (hits desc);
create view busiest as select * from busy order by hits desc limit 1;
