create domain percent as numeric check (value between 0 and 100 and value <> 50);
create table t (
    a int, b int, c int, d date,
    sane boolean generated always as (a between 1 and 9 and b between 1 and 9 and c > 0) stored,
    constraint in_range check (a between 1 and 9 and b > 0),
    constraint out_of_range check (a not between 1 and 9 or b > 0 or c > 0),
    constraint one_of check (a in (b, c, b + c) and (a, b) in ((1, 2), (3, 4), (5, 6))),
    constraint pair check ((a, b) = (c, c) and c > 0)
);
create index t_partly on t (a) where b between 1 and 9 and c > 0;
create index t_truth on t ((a between 1 and 9 and b > 0));
create view v as select a, case when a between 1 and 5 and b = 1 then 'low (and' else 'high' end as size
    from t where d between '2020-01-01' and '2021-01-01' and (b in (a, c, 7) or c is null)
    and exists (select from t u where u.a between 1 and 2 and (u.b, u.c) = (t.b, t.c) and u.d is null);
create materialized view mv as select count(*) filter (where a between 1 and 5 and b > 1) from t
    group by d having min(a) between 1 and 4 and max(b) between 1 and 4 and true;
alter table t enable row level security;
create policy p on t using (a between 1 and 2 and b = 1) with check (a between 1 and 2 or b = 1);
create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger g before insert on t for each row when (new.a between 1 and 2 and new.b > 1) execute function f();
create rule r as on delete to t where old.a between 1 and 5 and old.b = 1 do instead nothing;
create function within(x int, y int) returns boolean immutable return x between 1 and 5 and y between 1 and 5 and x <> y;
