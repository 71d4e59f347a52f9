-- a copy, whose constraints have the names of the table that it was copied from, and comes before it
create table invoices (id bigint not null, day date not null, paid boolean);
create table archived_invoices (like invoices including all);
-- renamed, and made anew under its former name
create table visits (id int not null);
alter table visits rename to former_visits;
create table visits (id int constraint visits_id_not_null not null, page text);
create table taken (id int constraint plain_id_not_null not null);
create table plain (id int constraint plain_id_not_null not null);
create domain shop_city as text not null;
create table shop (city text constraint shop_city_not_null not null);
-- of a partition whose columns are in another order than its table's
create table copied (id int constraint parts_1_id_not_null not null);
create table parts (id int not null, at date) partition by list (id);
create table parts_1 (at date, id int constraint parts_1_id_not_null not null);
alter table parts attach partition parts_1 for values in (1);
