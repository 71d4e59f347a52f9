create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create table k (id int primary key);
create table p (id int not null, a int check (a > 0), k int references k, primary key (id)) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create index p_a on p (a); create trigger t before insert on p for each row execute function f();
