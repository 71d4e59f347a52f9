create table p (id int, a text default 'x', b int, c text) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p default;
alter table p2 alter a set default 'own'; alter table p2 alter b set not null; alter table p2 alter c set storage external;
