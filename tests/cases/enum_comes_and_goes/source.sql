create type kind as enum ('a', 'b'); create table t (id int primary key, k kind default 'a', l text);
