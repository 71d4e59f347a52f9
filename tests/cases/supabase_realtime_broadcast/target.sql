create table rooms (id int primary key, topic text);
create table messages (id int primary key, room int references rooms, body text);
create function broadcast_messages() returns trigger language plpgsql as $$ begin perform pg_notify('messages', new.body); return null; end $$;
create trigger tell after insert on messages for each row execute function broadcast_messages();
