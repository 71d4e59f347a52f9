create table pa (a int, b int); create table ch (a int) inherits (pa); create table ch2 () inherits (pa);
create table pc (a int, b int) partition by list (a); create table pc1 partition of pc for values in (1, 2); create table pc2 (a int, b int, constraint nn2 not null a); alter table pc attach partition pc2 for values in (3);
create table pe (a int) partition by list (a); create table pe1 partition of pe for values in (1); alter table pe1 add constraint e_nn not null a;
create table pf (a int); create table ff () inherits (pf); alter table ff add constraint g_nn not null a;
