create table device (id uuid primary key default gen_random_uuid());
create table reading (id int primary key, device uuid references device);
