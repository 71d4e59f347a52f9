create schema ops;
create function ops.watch() returns event_trigger language plpgsql as $$begin end$$;
create event trigger started on ddl_command_start execute function ops.watch();
