create domain code as text not null constraint short check (length(value) < 9);
create type pair as (a code, n int);
create table t (id int primary key, one code, p pair);
create table many (id int primary key, codes code[]);
create table kept (id int, t t);
