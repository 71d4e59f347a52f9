create table stock (item int, n int);
create function audit() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger a_audit after update on stock referencing old table as before new table as after for each statement execute function audit();
create trigger b_truncated after truncate on stock execute function audit();
