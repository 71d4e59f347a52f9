CREATE ACCESS METHOD heap_too TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE kept (id integer PRIMARY KEY, note text) USING heap_too;
CREATE TABLE back (id integer);
CREATE TABLE made (id integer) USING heap_too;
CREATE MATERIALIZED VIEW seen USING heap_too AS SELECT id FROM kept;
CREATE MATERIALIZED VIEW made_too USING heap_too AS SELECT id FROM kept;
