CREATE SCHEMA extensions;
CREATE EXTENSION vector SCHEMA extensions;
CREATE TABLE notes (
    id integer PRIMARY KEY,
    place extensions.vector(3) NOT NULL DEFAULT '[0,0,0]'::extensions.vector,
    near extensions.vector(3)[],
    added text,
    CONSTRAINT known CHECK (place OPERATOR(extensions.<>) '[1,1,1]'::extensions.vector)
);
CREATE INDEX notes_place ON notes USING hnsw (place extensions.vector_l2_ops);
CREATE FUNCTION nearest(to_what extensions.vector) RETURNS extensions.vector LANGUAGE sql AS 'SELECT $1';
CREATE VIEW distances AS SELECT id, place OPERATOR(extensions.<->) '[0,0,0]'::extensions.vector AS distance FROM notes;
CREATE DOMAIN spot AS extensions.vector(2);
GRANT EXECUTE ON FUNCTION nearest(extensions.vector) TO pg_monitor;
