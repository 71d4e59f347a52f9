create function ok(v text) returns boolean language sql immutable as 'select v <> $$$$'; create domain d as text check (ok(value)); create table t (a d);
