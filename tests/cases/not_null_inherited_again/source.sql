create table parent (a int not null, b int constraint pbb not null);
create table kid () inherits (parent);
create table grandkid (c int) inherits (kid);
