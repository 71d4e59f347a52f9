create table t (id int primary key, a bigint, b int);
create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create function g() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger one before update of a on t for each row execute function f();
create trigger two after insert on t for each statement execute function g();
create trigger four before insert on t for each row execute function f('x', 'it''s');
create trigger five after delete on t referencing old table as gone for each statement execute function g();
