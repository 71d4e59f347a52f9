create type "состояние" as enum ('открыт', 'закрыт', '✓');
create table "заказ" ("номер" bigint primary key, "состояние" "состояние" default '✓', "naïve" text check ("naïve" <> 'ø'));
create view "订单" as select "номер" as "号码", "состояние" from "заказ" where "состояние" = '✓';
create function "λ"("x" bigint) returns bigint language sql immutable as $$ select x + 1 $$;
create index "🙂" on "заказ" ("λ"("номер"));
