create table users (id serial primary key, email text not null, deleted_at timestamptz);
create unique index users_email on users (lower(email)) where deleted_at is null;
create index users_deleted on users (deleted_at) where deleted_at is not null;
create view active_users as select id, email from users where deleted_at is null;
create rule hide as on delete to active_users do instead update users set deleted_at = now() where users.id = old.id;
