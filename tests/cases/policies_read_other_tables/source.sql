create table team (id bigint primary key, owner text, active boolean default true);
create table doc (id int primary key, team bigint references team);
alter table doc enable row level security;
create policy own on doc using (exists (select from team t where t.id = doc.team and t.owner = current_user and t.active));
