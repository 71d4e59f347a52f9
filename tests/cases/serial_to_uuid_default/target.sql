create table session (id serial primary key, at timestamptz default now());
