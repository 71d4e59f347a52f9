create collation own (locale = 'C');
create domain d as text collate own check (value > 'a'); create type pair as (a text collate own, b int); create type words as range (subtype = text, collation = own);
create table t (id int primary key, a text collate own, b varchar(20)[] collate own default array['x'], c d, e pair, w words, f text, g text collate own generated always as (upper(a)) stored);
create index i on t (a); create index j on t (f collate own); create unique index k on t (a collate "C");
create view v as select a, f collate own as f from t where a > 'b'; create function f(text) returns boolean language sql begin atomic select $1 < 'a' collate own; end;
alter table t add check (f > 'a' collate own), add exclude using btree (a with =);
