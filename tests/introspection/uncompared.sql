-- One of everything that pg_dump would write and that is not compared. Runs on PostgreSQL 14 and newer.
DO $$
BEGIN
    CREATE ROLE uncompared_role;
EXCEPTION WHEN duplicate_object THEN NULL;  -- roles are the whole server's
END
$$;
CREATE TABLE people (id integer PRIMARY KEY, name text, note text, place point, day date);
CREATE FUNCTION trigger_nothing() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;
CREATE FUNCTION twice(integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 2::bigint * $1';

CREATE EVENT TRIGGER on_ddl ON ddl_command_start EXECUTE FUNCTION trigger_nothing();
CREATE PUBLICATION changes FOR TABLE people;
CREATE SUBSCRIPTION changes_in CONNECTION 'host=127.0.0.1 port=1' PUBLICATION changes
    WITH (connect = false, slot_name = NONE);
CREATE FOREIGN DATA WRAPPER elsewhere;
CREATE SERVER far FOREIGN DATA WRAPPER elsewhere;
CREATE USER MAPPING FOR uncompared_role SERVER far;
CREATE TYPE address AS (street text, city text);
CREATE TYPE opaque;
CREATE FUNCTION opaque_in(cstring) RETURNS opaque LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION opaque_out(opaque) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE opaque (INPUT = opaque_in, OUTPUT = opaque_out, LIKE = integer);
CREATE TYPE never_defined;
CREATE COLLATION german (LOCALE = 'C');
CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE CAST (integer AS opaque) WITHOUT FUNCTION;
CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);
CREATE OPERATOR FAMILY numbers USING btree;
CREATE OPERATOR CLASS same FOR TYPE integer USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(integer);
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple);
CREATE TEXT SEARCH PARSER split (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE shape (LEXIZE = dsimple_lexize);
CREATE LANGUAGE other HANDLER plpgsql_call_handler;
CREATE FUNCTION of_box(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'int4in';
CREATE TRANSFORM FOR box LANGUAGE other (FROM SQL WITH FUNCTION of_box(internal));
SELECT lo_create(424242);
ALTER LARGE OBJECT 424242 OWNER TO uncompared_role;
GRANT SELECT ON LARGE OBJECT 424242 TO PUBLIC;
CREATE TABLE stays (room integer, days daterange, EXCLUDE USING gist (days WITH &&, box(point(room, 0), point(room, 1)) WITH &&));
ALTER INDEX stays_days_box_excl ALTER COLUMN 2 SET STATISTICS 500;
DO $$BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''for tests''', current_database()); END$$;
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''8MB''', current_database()); END $$;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_read_file(text) TO uncompared_role;
GRANT SELECT (rolname) ON pg_authid TO uncompared_role;
CREATE TABLE guarded (id integer);
CREATE POLICY guard ON guarded;
ALTER EXTENSION plpgsql ADD TABLE guarded;
CREATE SCHEMA elsewhere;
CREATE TYPE spell AS RANGE (subtype = integer, multirange_type_name = elsewhere.spells);
GRANT SELECT (tableoid) ON stays TO PUBLIC;
CREATE TABLE logs (day integer) PARTITION BY RANGE (day);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10);
CREATE INDEX logs_1_newest ON logs_1 (day DESC);
CREATE INDEX logs_day ON logs (day);
