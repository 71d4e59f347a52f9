-- Through which relations rows of these tables can be written: they themselves, their partitions, and views of them.
WITH RECURSIVE leads_to AS (
    SELECT inhparent AS from_oid, inhrelid AS to_oid FROM pg_inherits
    UNION ALL
    SELECT d.refobjid, r.ev_class
    FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND r.ev_class <> d.refobjid
), reached AS (
    SELECT to_regclass(name)::oid AS oid FROM unnest(%s::text[]) AS name
    UNION
    SELECT l.to_oid FROM reached JOIN leads_to l ON l.from_oid = reached.oid
)
SELECT n.nspname, c.relname
FROM reached JOIN pg_class c ON c.oid = reached.oid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'f')  -- a materialized view is written by nobody
ORDER BY n.nspname, c.relname
