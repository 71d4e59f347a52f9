create table a (x text, y text); create table b () inherits (a); create table c () inherits (b);
