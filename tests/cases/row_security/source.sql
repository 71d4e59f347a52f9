do $$ begin create role case_reader; exception when duplicate_object then null; end $$;
do $$ begin create role "Case Writer"; exception when duplicate_object then null; end $$;

create table t (id int primary key, owner text not null, n int);
create table u (id int primary key);
create table gone_flag (id int primary key);
alter table t enable row level security; alter table u enable row level security; alter table u force row level security;
create policy own on t for select to case_reader, "Case Writer" using (owner = current_user);
create policy write on t for insert to public with check (n > 0);
create policy narrow on t as restrictive using (n < 100) with check (n < 50);
create policy everything on u using (true);
comment on policy own on t is 'their own';
