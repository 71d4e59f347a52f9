create type job_state as enum ('ready', 'running', 'done', 'failed');
create table job (id bigint generated always as identity primary key, priority smallint not null default 0, kind text not null, state job_state not null default 'ready', run_at timestamptz not null default now()) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
create index job_ready on job (priority desc, run_at) where state = 'ready';
create function wake() returns trigger language plpgsql as $$ begin perform pg_notify('jobs', new.id::text); return null; end $$;
create trigger wake after insert on job for each row when (new.state = 'ready') execute function wake();
