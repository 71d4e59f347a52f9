create table posts (id bigserial primary key, title character varying, created_at timestamp(6) without time zone not null default CURRENT_TIMESTAMP, updated_at timestamp(6) without time zone);
create index index_posts_on_created_at on posts (created_at desc);
create view recent as select title, created_at from posts where created_at > '2020-01-01';
