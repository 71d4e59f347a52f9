create table ticket (id int primary key, state text not null default 'new' constraint ticket_state check (state in ('new', 'done')));
