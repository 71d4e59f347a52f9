create type "Role" as enum ('GUEST', 'USER', 'EDITOR', 'ADMIN');
create table "User" (id text primary key, role "Role" not null default 'GUEST');
create index "User_role_idx" on "User" (role) where role = 'EDITOR';
