create table a (x text, y text); alter table a alter x set storage main, alter y set compression pglz; create table b () inherits (a);
