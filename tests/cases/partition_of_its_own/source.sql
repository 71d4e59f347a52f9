create table p (id int, a int default 1) partition by range (id); create table p1 partition of p for values from (0) to (10);
alter table p1 alter column a set default 2; alter table p1 add check (a > 0); create index p1_a on p1 (a); alter table p1 alter column a set not null;
create function f() returns trigger language plpgsql as $$ begin return new; end $$; create trigger tr before insert on p1 for each row execute function f();
create trigger every after insert on p for each row execute function f();
