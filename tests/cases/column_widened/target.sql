create table t (code varchar(20) primary key, kind varchar(10) not null check (kind in ('a', 'b')));
create index t_kind on t (kind) where kind in ('a', 'c');
create index t_code on t (code);
create table u (code varchar(20) references t (code));
create view v as select code from t;
