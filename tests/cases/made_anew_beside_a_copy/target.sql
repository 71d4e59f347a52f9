create table m (logdate date not null, peak int not null, unit text) partition by range (logdate);
create table m_copy (like m);
create table m_2 partition of m for values from ('2024-02-01') to (maxvalue);
create table g (id int primary key, x int not null generated always as (id * 3) stored);
create table g_copy (like g);
