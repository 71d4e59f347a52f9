create table head (id int primary key);
create table line (id int primary key, head int);
create function balanced() returns trigger language plpgsql as $$ begin return null; end $$;
create constraint trigger balance after insert on line deferrable initially immediate for each row execute function balanced();
create constraint trigger always after delete on line for each row execute function balanced();
