create table t (id int primary key, a int not null, b int not null); create unique index t_a on t (a); create unique index t_b on t (b);
alter table t cluster on t_b; alter table t replica identity using index t_a;
create table u (id int primary key, a int); create index u_a on u (a); alter table u cluster on u_a; alter table u replica identity using index u_pkey;
create table w (id int primary key, a int); alter table w replica identity using index w_pkey; alter table w cluster on w_pkey;
create materialized view m as select a from t; create index m_a on m (a);
