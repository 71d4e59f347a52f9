create table booking (room int, during tsrange, cancelled boolean not null default false, constraint no_overlap exclude using gist (during with &&));
