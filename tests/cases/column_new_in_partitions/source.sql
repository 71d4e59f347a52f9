create table p (id int, n int, a text default 'x', b jsonb, d int not null default 3) partition by range (id);
create table p1 partition of p (a default 'y') for values from (0) to (10);
alter table p1 alter a set statistics 7, alter b set compression pglz, alter d drop default;
alter table p alter b set storage external;
create table i (id int, a text);
create table c () inherits (i);
alter table c alter a set default 'own', alter a set storage external, alter a set (n_distinct = 9);
