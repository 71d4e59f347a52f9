create table secret (id int primary key, body text);
create table open (id int);
alter table open enable row level security;
create policy everything on open using (true);
