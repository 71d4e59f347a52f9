create table feature (name text primary key, active boolean not null default false);
create index feature_active on feature (name) where active;
