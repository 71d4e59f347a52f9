do $$ begin create role case_reader; exception when duplicate_object then null; end $$;
do $$ begin create role "Case Writer"; exception when duplicate_object then null; end $$;

create table t (id int primary key, owner text not null, n int);
create table u (id int primary key);
create table gone_flag (id int primary key);
alter table t enable row level security; alter table gone_flag enable row level security; alter table gone_flag force row level security;
create policy own on t for select to case_reader using (owner = 'x');
create policy narrow on t using (n < 100);
create policy old on t for delete to "Case Writer" using (false);
create policy everything on gone_flag using (true);
