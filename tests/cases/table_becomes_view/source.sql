create table contact (id int primary key, email text);
create view email as select id, email from contact;
create table report (n int);
