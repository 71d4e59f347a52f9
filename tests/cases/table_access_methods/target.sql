CREATE ACCESS METHOD heap_too TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE kept (id integer PRIMARY KEY, note text);
CREATE TABLE back (id integer) USING heap_too;
CREATE MATERIALIZED VIEW seen AS SELECT id FROM kept;
