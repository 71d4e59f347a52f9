-- Access lists of columns, which have none by themselves, with their relation's owner. Those of system columns (tableoid),
-- which are not compared, are named.
SELECT a.attrelid,
       a.attnum,
       pg_get_userbyid(c.relowner),
       a.attacl::text[]
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
WHERE a.attacl IS NOT NULL
  AND NOT a.attisdropped
  AND c.relnamespace = ANY(%(schemas)s::oid[])
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
