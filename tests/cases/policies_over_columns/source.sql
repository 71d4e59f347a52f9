create table kinds (id int primary key, open bigint);
create table t (id int primary key, kind bigint, note varchar(40));
alter table t enable row level security;
create function may(k bigint) returns boolean language sql stable as 'select k > 0';
create policy open_kinds on t using (exists (select from kinds k where k.id = t.kind and k.open = 1) and may(kind));
create policy noted on t for update using (note <> '') with check (note in ('a', 'b'));
