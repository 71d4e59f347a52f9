create domain d as bigint not null check (value > 0);
create domain n as bigint constraint filled not null;
create table t (d d, n n);
