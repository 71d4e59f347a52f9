create table secret (id int primary key, body text);
create table open (id int);
alter table secret enable row level security;
alter table secret force row level security;
create policy everything on secret as permissive for all to public using (true) with check (id > 0);
create policy but on secret as restrictive for select using (body is not null);
