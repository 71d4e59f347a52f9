create table team (id int primary key, owner varchar(30), closed boolean);
create table doc (id int primary key, team int references team);
alter table doc enable row level security;
create policy own on doc using (team in (select t.id from team t where t.owner = current_user and t.closed is not true));
