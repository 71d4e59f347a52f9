create table sale (id int primary key, amount int);
create view sales as select id, amount from sale;
create view top as select max(amount) as best from sales;
comment on view sales is 'fresh';
