-- Range types with their multirange types, and the functions that come with both.
SELECT t.oid,
       t.typarray,
       m.oid,
       m.typarray,
       ARRAY(
           SELECT p.objid FROM pg_depend p
           WHERE p.classid = 'pg_proc'::regclass AND p.deptype = 'i'
             AND p.refclassid = 'pg_type'::regclass AND p.refobjid IN (t.oid, m.oid)
       ),
       n.nspname,
       t.typname,
       format_type(r.rngsubtype, NULL),
       m.typname,
       CASE WHEN NOT o.opcdefault THEN format('%%I.%%I', k.nspname, o.opcname) END,
       CASE WHEN r.rngcollation NOT IN (0, b.typcollation) THEN r.rngcollation::regcollation::text END,
       CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END,
       CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END,
       d.description
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_type m ON m.oid = r.rngmultitypid
JOIN pg_type b ON b.oid = r.rngsubtype
JOIN pg_opclass o ON o.oid = r.rngsubopc
JOIN pg_namespace k ON k.oid = o.opcnamespace
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0
WHERE t.typnamespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
