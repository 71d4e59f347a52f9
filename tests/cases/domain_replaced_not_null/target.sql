create domain d as int not null check (value > 0);
create domain n as int not null;
create table t (d d, n n);
