-- What repairs did, in the target's schema of the ledger; a target without runs has these tables alone.
CREATE SCHEMA IF NOT EXISTS schemadiff;
CREATE TABLE IF NOT EXISTS schemadiff.repairs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author text NOT NULL,
    reason text NOT NULL,
    source text NOT NULL, -- where the rows came from; for one that undoes another, its words
    undoes bigint REFERENCES schemadiff.repairs ON DELETE CASCADE,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz -- NULL: it is at work, or was broken off; each of its batches is whole
);
ALTER TABLE schemadiff.repairs ADD COLUMN IF NOT EXISTS run uuid; -- that overwrote rows; NULL: no run did
CREATE TABLE IF NOT EXISTS schemadiff.repaired_rows (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repair bigint NOT NULL REFERENCES schemadiff.repairs ON DELETE CASCADE,
    target_schema text NOT NULL,
    target_table text NOT NULL,
    key_columns text[] NOT NULL,
    key text[] NOT NULL,
    kind text NOT NULL, -- inserted, updated, removed
    former json, -- the row as it was: column and text of its value; NULL: there was none
    written bigint -- the hash of the row as it was left; NULL: there is none
);
CREATE INDEX IF NOT EXISTS repaired_rows_repair ON schemadiff.repaired_rows (repair, id);
