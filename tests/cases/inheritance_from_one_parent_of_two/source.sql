create table named (name text not null default 'none');
create table numbered (number int);
create table paired () inherits (numbered, named);
create table paired_and_own (name text default 'own', remark text) inherits (numbered, named);
