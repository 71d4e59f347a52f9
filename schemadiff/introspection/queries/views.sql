-- Views and materialized views.
SELECT c.oid,
       c.reltype,
       r.typarray,
       w.oid,
       n.nspname,
       c.relname,
       c.relkind::text,
       pg_get_viewdef(c.oid),
       coalesce(c.reloptions, '{}') || ARRAY(SELECT 'toast.' || o FROM unnest(s.reloptions) o),
       c.relispopulated,
       CASE WHEN m.amname <> 'heap' THEN m.amname END,
       ts.spcname,
       d.description
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_rewrite w ON w.ev_class = c.oid AND w.rulename = '_RETURN'
LEFT JOIN pg_type r ON r.oid = c.reltype
LEFT JOIN pg_class s ON s.oid = c.reltoastrelid
LEFT JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE c.relkind IN ('v', 'm')
  AND c.relnamespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
