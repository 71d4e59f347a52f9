create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create table p (id int, a int) partition by range (id);
create table p1 partition of p for values from (0) to (10); create table p2 partition of p for values from (10) to (20);
create trigger t before insert on p for each row execute function f();
create trigger u after insert on p for each row execute function f();
alter table p1 disable trigger t; alter table p2 enable always trigger u;
