create type ticket_state as enum ('new', 'done');
create table ticket (id int primary key, state ticket_state not null default 'new');
