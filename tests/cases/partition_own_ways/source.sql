create table p (id int, a text default 'x', b int, c text) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p default;
alter table p1 alter a set default 'own'; alter table p1 alter b set not null; alter table p1 alter c set storage external;
alter table p1 add constraint own check (b > 0); alter table p2 set (fillfactor = 50);
create index own_i on p1 (c); create trigger nothing before update on p1 for each row execute function suppress_redundant_updates_trigger();
