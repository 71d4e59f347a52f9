create table sale (
    at timestamptz not null, year int default extract('YEAR' from now()), said text default 'EXTRACT(YEAR FROM now())',
    constraint recent check (extract('YEAR' from at) > 2000 or extract(day from at) > 2)
);
create index sale_month on sale ((extract('Month' from at at time zone 'UTC')));
create view sales_by_year as select extract('YEAR' from at) as year, 'EXTRACT(YEAR FROM at)' as how, count(*) from sale group by 1;
