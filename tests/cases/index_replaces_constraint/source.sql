create table p (a int not null); create unique index p_a on p (a); create table t (a int references p (a));
