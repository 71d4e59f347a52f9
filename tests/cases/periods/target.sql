create table t (id int4range not null, during tsrange not null);
create table r (id int4range, during tsrange, t int4range, constraint rk unique (id, during));
