create table device (id text primary key);
create table reading (id int primary key, device text references device);
