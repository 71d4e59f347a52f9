create foreign data wrapper w; create server s foreign data wrapper w; grant usage on foreign server s to case_ben with grant option; create trusted language l handler plpgsql_call_handler;
