create table k (id int primary key);
create table p (id int not null, a int, k int references k, constraint c check (a > 0), primary key (id)) partition by range (id);
create index p_a on p (a);
create table p1 (id int not null, a int, k int, constraint c check (a > 0), constraint p1_pkey primary key (id)); create index p1_a_idx on p1 (a);
