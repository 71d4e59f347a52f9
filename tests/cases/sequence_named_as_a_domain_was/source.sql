CREATE SEQUENCE counted;
CREATE TABLE item (id integer PRIMARY KEY, amount bigint);
