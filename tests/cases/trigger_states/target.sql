create function f() returns trigger language plpgsql as $$ begin return null; end $$;
create table t (id int); create trigger a after update on t referencing old table as n for each statement execute function f(); create trigger b after insert on t for each row execute function f(); create trigger c after truncate on t execute function f();
create table p (id int) partition by range (id); create table p1 partition of p default; create trigger d after insert on p for each row execute function f();
