create table members (team int, name text, role text not null default 'guest', primary key (team, name));
alter table members enable row level security;
create policy read on members using (name = current_user);
create policy change on members for delete using (name = current_user);
