create table membership (id serial primary key, person int not null, team int not null, left_at timestamptz, constraint membership_person_team_uniq unique (person, team));
