-- The tables of the ledger, in the target's schema of that name.
CREATE TABLE IF NOT EXISTS schemadiff.format (number integer NOT NULL);
CREATE TABLE IF NOT EXISTS schemadiff.runs (
    id uuid PRIMARY KEY,
    option text NOT NULL,
    plan_digest text NOT NULL,
    target_fingerprint text NOT NULL,
    spec jsonb NOT NULL,
    source text NOT NULL,
    source_system text, -- NULL: the role may not ask for the system identifier
    source_oid oid NOT NULL,
    source_address text, -- as the server says it; NULL on a local socket
    phase text NOT NULL,
    reached text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS schemadiff.statements (
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    position integer NOT NULL,
    sql_digest text NOT NULL,
    state text NOT NULL,
    mark text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_by text, -- host and process
    PRIMARY KEY (run, position)
);
CREATE TABLE IF NOT EXISTS schemadiff.builds ( -- statements that any worker may apply, as long as they are not done
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    position integer NOT NULL,
    mark text NOT NULL, -- the schema's, as long as the ledger has no statement
    in_vain boolean NOT NULL DEFAULT false, -- a worker that helps could not apply it
    sqlstate text NOT NULL DEFAULT '', -- and why
    PRIMARY KEY (run, position)
);
CREATE TABLE IF NOT EXISTS schemadiff.attempts ( -- that ended for want of a lock
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    position integer NOT NULL,
    number integer NOT NULL,
    sqlstate text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS schemadiff.chunks (
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    source_schema text NOT NULL,
    source_table text NOT NULL,
    number integer NOT NULL,
    lo text[],
    hi text[],
    expected bigint NOT NULL,
    rows bigint,
    written bigint,
    rejects bigint,
    bytes bigint,
    seconds double precision,
    copied_at timestamptz,
    carried_by text, -- host and process
    PRIMARY KEY (run, source_schema, source_table, number)
);
CREATE TABLE IF NOT EXISTS schemadiff.offers ( -- runs whose chunks others may carry, too, under this snapshot
    run uuid PRIMARY KEY REFERENCES schemadiff.runs ON DELETE CASCADE,
    snapshot text NOT NULL
);
CREATE TABLE IF NOT EXISTS schemadiff.checks ( -- tables that several compare, in the run's latest comparison
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    source_schema text NOT NULL,
    source_table text NOT NULL,
    bytes bigint NOT NULL,
    found jsonb, -- counts and sentences; NULL: not compared yet
    compared_by text, -- host and process
    PRIMARY KEY (run, source_schema, source_table)
);
CREATE TABLE IF NOT EXISTS schemadiff.rejects (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    source_schema text NOT NULL,
    source_table text NOT NULL,
    target_schema text NOT NULL,
    target_table text NOT NULL,
    key text[],
    "row" jsonb,
    sqlstate text NOT NULL,
    "constraint" text NOT NULL,
    "column" text NOT NULL,
    message text NOT NULL,
    reason text NOT NULL,
    was_written boolean NOT NULL, -- by this run, and taken out again
    unreadable boolean NOT NULL, -- the source itself fails on the row with the mapping's expressions
    recovered boolean NOT NULL DEFAULT false, -- taken later, so it is no reject any more
    followed boolean NOT NULL DEFAULT false, -- a row that came after the copy, so no chunk has counted it
    rejected_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS rejects_run ON schemadiff.rejects (run, source_schema, source_table);
CREATE TABLE IF NOT EXISTS schemadiff.held ( -- keys of rows that were there before, many a row
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    target_schema text NOT NULL,
    target_table text NOT NULL,
    keys text[] NOT NULL
);
CREATE INDEX IF NOT EXISTS held_run ON schemadiff.held (run, target_schema, target_table);
CREATE TABLE IF NOT EXISTS schemadiff.moved (
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    kind text NOT NULL,
    oid oid NOT NULL,
    from_schema text,
    from_name text,
    schema text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (run, kind, oid)
);
CREATE TABLE IF NOT EXISTS schemadiff.dropped_keys (
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    table_oid oid NOT NULL,
    table_schema text NOT NULL,
    table_name text NOT NULL,
    name text NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (run, table_oid, name)
);
CREATE TABLE IF NOT EXISTS schemadiff.protected (
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    table_schema text NOT NULL,
    table_name text NOT NULL,
    moment text NOT NULL,
    rows bigint NOT NULL,
    digest text NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run, table_schema, table_name, moment)
);
CREATE TABLE IF NOT EXISTS schemadiff.pace ( -- until when the rows are spoken for that a limited rate allows
    run uuid PRIMARY KEY REFERENCES schemadiff.runs ON DELETE CASCADE,
    until timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS schemadiff.retries ( -- of a run's rejects
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    author text NOT NULL,
    reason text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz, -- NULL: broken off
    recovered bigint,
    remaining bigint
);
CREATE TABLE IF NOT EXISTS schemadiff.followers ( -- runs that follow their source
    run uuid PRIMARY KEY REFERENCES schemadiff.runs ON DELETE CASCADE,
    slot text NOT NULL, -- on the source; the publication has the same name
    state text NOT NULL, -- planned, following, fenced, ended, left
    tables jsonb NOT NULL, -- the source's tables as they are in the log
    applied pg_lsn, -- whatever the source committed before is in the target; NULL: there is no slot yet
    part pg_lsn, -- of the next transaction some changes are in the target, too: where its commit lies
    skipped bigint NOT NULL DEFAULT 0, -- and how many they are
    settled_after pg_lsn, -- rows were copied as they were at this place at the latest
    committed_at timestamptz, -- when the source committed what was applied last
    applied_at timestamptz,
    fence jsonb -- what lifts it again: statements for the source; NULL: none was raised
);
CREATE TABLE IF NOT EXISTS schemadiff.followed ( -- changes that came after the copy
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    source_schema text NOT NULL,
    source_table text NOT NULL,
    inserts bigint NOT NULL DEFAULT 0,
    updates bigint NOT NULL DEFAULT 0,
    deletes bigint NOT NULL DEFAULT 0,
    truncates bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (run, source_schema, source_table)
);
CREATE TABLE IF NOT EXISTS schemadiff.ways_back ( -- of runs whose target has taken over, into their source
    run uuid PRIMARY KEY REFERENCES schemadiff.runs ON DELETE CASCADE,
    state text NOT NULL, -- planned, open, returning, returned, closing, ended, none
    fence jsonb, -- what lifts the target's: statements for the target; NULL: none was raised
    reason text NOT NULL DEFAULT '', -- why there is none, where nobody wanted one
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS schemadiff.changed ( -- rows that changed since they were compared last; by whoever applies
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    source_schema text NOT NULL,
    source_table text NOT NULL,
    keys text NOT NULL -- a JSON list of keys, each a list of texts; null in it: the table was emptied
);
CREATE TABLE IF NOT EXISTS schemadiff.rechecks ( -- when a table was compared last as a whole, and what it came to
    run uuid NOT NULL REFERENCES schemadiff.runs ON DELETE CASCADE,
    source_schema text NOT NULL,
    source_table text NOT NULL,
    began_at timestamptz NOT NULL,
    differing bigint NOT NULL,
    PRIMARY KEY (run, source_schema, source_table)
);
