create table users (id serial primary key, email text not null, constraint users_email unique (email));
