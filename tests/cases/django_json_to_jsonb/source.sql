create table event (id serial primary key, data jsonb not null default '{"kind": "x"}');
create index event_data on event using gin (data jsonb_path_ops);
create view event_kinds as select id, coalesce(data ->> 'kind', 'none') as kind, data from event;
