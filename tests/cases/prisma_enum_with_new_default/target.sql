create type "Role" as enum ('USER', 'ADMIN');
create table "User" (id text primary key, role "Role" not null default 'USER');
