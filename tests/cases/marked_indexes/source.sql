create table t (id int primary key, a int not null, b int not null); create unique index t_a on t (a); create unique index t_b on t (b);
alter table t cluster on t_a; alter table t replica identity using index t_b;
create table u (id int primary key, a int); alter table u cluster on u_pkey; alter table u replica identity full;
create table w (id bigint primary key, a int); alter table w replica identity using index w_pkey; alter table w cluster on w_pkey;
create materialized view m as select a from t; create index m_a on m (a); alter materialized view m cluster on m_a;
create table x (id int primary key); alter table x replica identity nothing;
