create table feature (name text primary key, active integer not null default 0);
create index feature_active on feature (name) where active = 1;
