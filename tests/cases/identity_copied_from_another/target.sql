create table form (id int generated always as identity, page smallint not null);
create table copy (id int not null, page smallint not null generated always as identity, note text);
create table scan (like form including identity);
create table fax (id int generated always as identity, page int generated always as identity);
