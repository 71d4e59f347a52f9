create schema "table";
create type "table"."type" as enum ('select', '"');
create sequence "sequence" start 5;
create table "order" ("select" int primary key, "group" varchar(10), "from" text default 'y');
create index "where" on "order" ("group");
create view "user" as select "group", "from" from "order";
create function "end"("when" text) returns text language sql as $$ select "when" $$;
alter table "order" add constraint "check" check ("select" >= 0);
create policy "grant" on "order" using ("select" >= 0);
