create type mood as enum ('awful', 'sad', 'so-so', 'happy', 'it''s');
create table t (id int primary key, m mood default 'awful'); create view v as select m from t;
create index t_m on t (m) where m <> 'it''s';
