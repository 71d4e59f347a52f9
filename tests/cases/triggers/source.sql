create table t (id int primary key, a int, b int);
create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger one before update of a on t for each row when (old.a is distinct from new.a) execute function f();
create trigger two after insert on t for each statement execute function f();
create constraint trigger three after update on t deferrable initially deferred for each row execute function f();
create trigger four before insert on t for each row execute function f('x', 'it''s');
alter table t disable trigger four; alter table t enable always trigger one; comment on trigger two on t is '2';
