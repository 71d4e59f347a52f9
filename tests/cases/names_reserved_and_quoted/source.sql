create schema "table";
create type "table"."type" as enum ('select', 'a b', '"');
create sequence "sequence";
create table "order" ("select" bigint primary key, "group" text, "from" text default 'y', "user" "table"."type" default '"');
create index "where" on "order" ("group", lower("from"));
create view "user" as select "group", "from", "select" as "limit" from "order";
create function "end"("when" text, "then" int default 1) returns text language sql as $$ select "when" $$;
alter table "order" add constraint "check" check ("select" > 0), add constraint "references" foreign key ("select") references "order";
create policy "grant" on "order" using ("select" > 0);
