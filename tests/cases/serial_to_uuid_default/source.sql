create table session (key uuid primary key default gen_random_uuid(), at timestamptz default now());
