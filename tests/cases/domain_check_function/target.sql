create function ok(given text) returns boolean language sql immutable as 'select given <> $$$$'; create domain d as text check (ok(value)); create table t (a d);
