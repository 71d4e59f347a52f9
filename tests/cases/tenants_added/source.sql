create table tenant (id int primary key);
create table project (tenant int not null default 1, id int, name text, primary key (tenant, id));
create table task (tenant int not null default 1, id int, project int, title text, primary key (tenant, id), foreign key (tenant, project) references project (tenant, id));
alter table project enable row level security;
alter table task enable row level security;
create policy own on project using (tenant = current_setting('app.tenant', true)::int);
create policy own on task using (tenant = current_setting('app.tenant', true)::int) with check (tenant = current_setting('app.tenant', true)::int);
