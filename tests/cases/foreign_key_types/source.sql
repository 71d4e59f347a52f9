create table p (id text primary key, up text references p); create table t (id int primary key, p_id text references p);
