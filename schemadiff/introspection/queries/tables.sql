-- Ordinary and partitioned tables, partitions included. Foreign tables are named by uncompared_objects.sql.
SELECT c.oid,
       c.reltype,
       r.typarray,
       n.nspname,
       c.relname,
       c.relpersistence::text,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       pn.nspname,
       p.relname,
       pg_get_expr(c.relpartbound, c.oid),
       d.description,
       c.reltuples::bigint,
       pg_total_relation_size(c.oid)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_type r ON r.oid = c.reltype
LEFT JOIN pg_inherits i ON c.relispartition AND i.inhrelid = c.oid
LEFT JOIN pg_class p ON p.oid = i.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p')
  AND c.relnamespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
