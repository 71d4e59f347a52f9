create table job (id bigint generated always as identity primary key, kind text not null, state varchar(10) not null default 'ready' check (state in ('ready', 'done')));
create index job_ready on job (id) where state = 'ready';
