create table auth_user (id serial primary key, username varchar(30) not null unique, first_name varchar(30) not null default '');
create index auth_user_first_name_like on auth_user (first_name varchar_pattern_ops);
create index auth_user_lower on auth_user (lower(first_name), upper(username));
create view named as select id, first_name || '!' as called from auth_user where username <> '';
