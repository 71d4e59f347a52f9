create table base (id bigint primary key, v text, at timestamptz default now());
create view writable as select id, v from base;
create rule put as on insert to writable do instead insert into base (id, v) values (new.id, new.v) returning id, v;
create rule change as on update to writable do instead update base set v = new.v where base.id = old.id;
create rule gone as on delete to writable do instead delete from base where base.id = old.id;
