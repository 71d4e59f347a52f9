CREATE EXTENSION vector;
CREATE TABLE notes (
    id integer PRIMARY KEY,
    place vector(3) NOT NULL DEFAULT '[0,0,0]'::vector,
    near vector(3)[],
    CONSTRAINT known CHECK (place <> '[1,1,1]'::vector)
);
CREATE INDEX notes_place ON notes USING hnsw (place vector_l2_ops);
CREATE FUNCTION nearest(to_what vector) RETURNS vector LANGUAGE sql AS 'SELECT $1';
CREATE VIEW distances AS SELECT id, place <-> '[0,0,0]'::vector AS distance FROM notes;
CREATE DOMAIN spot AS vector(2);
GRANT EXECUTE ON FUNCTION nearest(vector) TO pg_monitor;
