create table visits (id int not null);
create table taken (id int constraint plain_id_not_null not null);
create table plain (id int);
