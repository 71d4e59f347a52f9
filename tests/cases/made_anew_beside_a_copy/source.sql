create table m (logdate date not null, peak int not null, unit text) partition by range (logdate, unit);
create table m_2 partition of m for values from ('2024-02-01', minvalue) to (maxvalue, maxvalue);
create table g (id int primary key, x int not null generated always as (id * 2) stored);
create table g_copy (like g);
