create function watch() returns event_trigger language plpgsql as $$begin end$$;
create event trigger started on ddl_command_start execute function watch();
create event trigger "Ended" on ddl_command_end when tag in ('CREATE TABLE') execute function watch();
create event trigger dropped on sql_drop execute function watch();
create event trigger rewritten on table_rewrite execute function watch();
alter event trigger started enable replica;
