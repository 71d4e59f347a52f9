create table poll (id serial primary key, question varchar(200) not null);
create table choice (id bigserial primary key, poll_id integer not null references poll deferrable initially deferred, votes integer not null default 0 constraint votes_check check (votes >= 0));
