create schema "Sch é""ma";
create type "Sch é""ma"."Mood's" as enum ('it''s', 'back\\slash', 'semi;colon');
create table "Sch é""ma"."Ünï ""q"" table" ("select" int primary key, "a ""b""" text default 'x''y', "имя" "Sch é""ma"."Mood's" default 'it''s', "per%cent" text, "Tab	x" int, "more" numeric(4,1) not null);
create index "idx ON ONLY; --" on "Sch é""ma"."Ünï ""q"" table" (lower("a ""b"""));
create view "Sch é""ma"."v;" as select "имя" as "order" from "Sch é""ma"."Ünï ""q"" table";
create function "Sch é""ma"."f(x)"("user" "Sch é""ma"."Mood's") returns text language sql as $f$ select 'a;b -- c' $f$;
create table "Sch é""ma"."user" ("group" int references "Sch é""ma"."Ünï ""q"" table" ("select") , constraint "check me" check ("group" > 0));
comment on column "Sch é""ma"."user"."group" is 'a ''quoted'' \ comment; -- with everything
and a line';
