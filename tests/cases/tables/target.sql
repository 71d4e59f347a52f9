create table kept (id int primary key);
create table unwanted (id int, kept_id int references kept (id));
