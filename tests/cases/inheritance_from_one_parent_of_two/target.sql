create table named (name varchar(20) not null default 'no');
create table numbered (number int);
create table paired () inherits (numbered, named);
create table paired_and_own (name varchar(20) default 'own', remark text) inherits (numbered, named);
