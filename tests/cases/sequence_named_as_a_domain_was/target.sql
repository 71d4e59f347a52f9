CREATE DOMAIN counted AS integer;
CREATE TABLE item (id integer PRIMARY KEY, amount counted);
