create table t (id int4range, during tsrange, constraint k primary key (id, during without overlaps));
create table r (id int4range, during tsrange, t int4range, constraint rk unique (id, during without overlaps), constraint f foreign key (t, period during) references t (id, period during));
