create table members (team int, name text, role text not null default 'guest', primary key (team, name));
create function is_owner(t int) returns boolean language sql stable security definer begin atomic select exists (select from public.members m where m.team = t and m.name = current_user and m.role = 'owner'); end;
alter table members enable row level security;
alter table members force row level security;
create policy read on members for select using (name = current_user or is_owner(team));
create policy change on members for update using (is_owner(team)) with check (is_owner(team) and role <> 'owner');
