create table t (b int constraint known not null); create table ch () inherits (t);
