create table posts (id bigserial primary key);
create table comments (id bigserial primary key, commentable_id bigint, body text);
create index index_comments_on_commentable_id on comments (commentable_id);
