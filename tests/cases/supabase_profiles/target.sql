create schema auth;
create table auth.users (id uuid primary key, email text unique);
