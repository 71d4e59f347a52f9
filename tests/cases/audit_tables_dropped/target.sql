create table item (id int primary key, name text);
create table part (id int primary key, item int references item);
create schema audit;
create table audit.log (id bigserial primary key, what text, was jsonb, at timestamptz default clock_timestamp());
create function audit.note() returns trigger language plpgsql security definer as $$ begin insert into audit.log (what, was) values (tg_table_name, to_jsonb(old)); return null; end $$;
create trigger audit after update or delete on item for each row execute function audit.note();
create trigger audit after update or delete on part for each row execute function audit.note();
create view audit.today as select * from audit.log where at > current_date;
