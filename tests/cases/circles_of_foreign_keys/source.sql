create table manager (id int primary key, department int, boss int references manager);
create table department (id int primary key, head int not null references manager on delete restrict);
alter table manager add constraint works_in foreign key (department) references department deferrable initially deferred;
create table folder (id int primary key, parent int references folder on delete cascade, root int, unique (root, id), foreign key (root, parent) references folder (root, id));
