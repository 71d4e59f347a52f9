create table event (at date, what text) partition by range (at);
create table event_2 partition of event for values from ('2022-01-01') to ('2023-01-01');
