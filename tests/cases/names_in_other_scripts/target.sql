create type "состояние" as enum ('открыт', 'закрыт');
create table "заказ" ("номер" int primary key, "состояние" "состояние", "naïve" varchar(9));
create view "订单" as select "номер" as "号码" from "заказ";
