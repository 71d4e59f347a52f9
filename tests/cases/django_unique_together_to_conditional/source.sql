create table membership (id serial primary key, person int not null, team int not null, left_at timestamptz);
create unique index membership_once on membership (person, team) where left_at is null;
