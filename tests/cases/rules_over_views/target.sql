create table base (id int primary key, v varchar(10));
create view writable as select id, v from base;
create rule put as on insert to writable do instead insert into base (id, v) values (new.id, new.v);
create rule change as on update to writable do instead nothing;
