create table p (id int primary key, up int references p); create table t (id int primary key, p_id int references p);
