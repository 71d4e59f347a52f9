create table event (id serial primary key, data json not null default '{"kind": "x"}');
create view event_kinds as select id, coalesce(data ->> 'kind', 'none') as kind, data from event;
