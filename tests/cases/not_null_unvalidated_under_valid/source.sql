create table t (b int); alter table t add constraint told not null b not valid; create table ch () inherits (t);
