create function watch() returns event_trigger language plpgsql as $$begin end$$;
create function look() returns event_trigger language plpgsql as $$begin null; end$$;
create event trigger started on ddl_command_start execute function watch();
create event trigger "Ended" on ddl_command_end when tag in ('CREATE TABLE', 'ALTER TABLE') execute function look();
create event trigger dropped on sql_drop execute function watch();
alter event trigger dropped disable;
alter event trigger "Ended" enable always;
comment on event trigger started is 'watches';
create table t (id int primary key);
