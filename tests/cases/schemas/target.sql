create schema s3; create table s3.t (id int); create function s3.f() returns int language sql as 'select 1'; create view public.v as select id, s3.f() from s3.t;
