create table rooms (id int primary key, topic text);
create table messages (id int primary key, room int references rooms, body text);
create function broadcast() returns trigger language plpgsql as $$ begin perform pg_notify(tg_argv[0], new::text); return null; end $$;
create trigger tell after insert or update on messages for each row execute function broadcast('messages');
create trigger tell after insert or update on rooms for each row execute function broadcast('rooms');
