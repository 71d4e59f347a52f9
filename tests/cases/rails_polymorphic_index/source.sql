create table comments (id bigserial primary key, commentable_type character varying, commentable_id bigint, body text);
create index index_comments_on_commentable on comments (commentable_type, commentable_id);
