create table day (d date primary key) partition by list (d);
create table day_1 partition of day for values in ('2024-01-01');
create table day_2 partition of day for values in ('2024-01-02');
comment on index day_1_pkey is 'its index'; comment on constraint day_2_pkey on day_2 is 'itself';
create table night (d date, constraint night_key primary key (d)) partition by list (d);
create table night_1 (d date not null, constraint mine primary key (d)); alter table night attach partition night_1 for values in ('2024-01-01');
comment on index mine is 'named by itself';
