create table parent (a int constraint a_nn not null no inherit, b int not null);
create table kid () inherits (parent);
create table grandkid (c int) inherits (kid);
