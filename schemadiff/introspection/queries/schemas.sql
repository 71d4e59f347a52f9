-- Schemas, with whether an extension brought them along (its own are not listed, what others put there is).
SELECT n.oid,
       n.nspname,
       d.description,
       EXISTS (
           SELECT FROM pg_depend e
           WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
       )
FROM pg_namespace n
LEFT JOIN pg_description d ON d.classoid = 'pg_namespace'::regclass AND d.objoid = n.oid AND d.objsubid = 0
WHERE n.nspname !~ '^pg_'                -- the system's, TOAST's and temporary ones: PostgreSQL reserves the prefix
  AND n.nspname <> 'information_schema'  -- made by initdb
  AND n.nspname <> 'schemadiff'          -- our own ledger in a target
  AND n.nspname !~ '^schemadiff_parked'  -- what a run put aside
