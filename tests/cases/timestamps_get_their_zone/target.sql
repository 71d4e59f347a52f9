create table log (id int primary key, at timestamp not null default now(), done timestamp, constraint in_order check (done >= at));
create index log_open on log (at desc) where done is null;
create view open_log as select id, at, date_trunc('day', at) as day from log where done is null;
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger touched before update of done on log for each row when (old.done is distinct from new.done) execute function touch();
