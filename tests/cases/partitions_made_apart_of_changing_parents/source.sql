create table part_of_old (a int not null, b bigint not null, c text not null, gone int, constraint positive check (b > 0));
drop table part_of_old;
create table p (a int not null, b bigint not null, c text not null, fresh int not null default 1, constraint positive check (b > 0), primary key (a)) partition by range (a);
create table p1 (a int not null, b bigint not null, c text not null, fresh int not null default 1, constraint positive check (b > 0));
alter table p attach partition p1 for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create table p3 (fresh int not null default 1, c text not null, b bigint not null, a int not null, constraint positive check (b > 0));
alter table p attach partition p3 for values from (20) to (30);
