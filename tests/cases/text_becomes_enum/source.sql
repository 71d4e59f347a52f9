create type ticket_state as enum ('new', 'done', 'lost');
create table ticket (id int primary key, state ticket_state not null default 'new');
create index ticket_new on ticket (id) where state = 'new';
