create table sale (id int primary key, amount int);
create materialized view sales as select id, amount from sale;
create unique index sales_id on sales (id);
create view top as select max(amount) as best from sales;
comment on materialized view sales is 'kept';
