create schema thing;
create table thing.thing (thing bigint constraint thing check (thing > 0));
create function thing.thing(thing thing.thing) returns bigint language sql as $$ select 1::bigint $$;
create trigger thing before update on thing.thing for each row execute function suppress_redundant_updates_trigger();
create policy thing on thing.thing using (thing > 0);
create rule thing as on delete to thing.thing do also nothing;
create schema other;
create type other.thing as enum ('thing');
