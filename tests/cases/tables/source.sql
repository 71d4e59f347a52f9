create table kept (id int primary key);
create table wanted (id int primary key, name text not null default 'it''s', at timestamptz default now());
comment on table wanted is 'a table';
