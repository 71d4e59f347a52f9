create table p (gone int not null, a int, b int, c text default 'x', constraint fine check (gone > 0)) partition by range (a);
create table p2 partition of p for values from (10) to (20);
create table p9 (gone int not null, a int, b int, c text, constraint fine check (gone > 0)); alter table p attach partition p9 for values from (90) to (99);
