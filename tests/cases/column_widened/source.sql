create table t (code varchar(50) primary key, kind text not null check (kind in ('a', 'b')));
create index t_kind on t (kind) where kind in ('a', 'c');
create index t_code on t (code);
create table u (code varchar(50) references t (code));
create view v as select code from t;
