-- Composite types that no relation brings along, each with its attributes as arrays in their order.
SELECT t.oid,
       t.typarray,
       t.typrelid,
       n.nspname,
       t.typname,
       a.numbers,
       a.names,
       a.types,
       a.collations,
       d.description
FROM pg_type t
JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
JOIN pg_namespace n ON n.oid = t.typnamespace
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(a.attnum ORDER BY a.attnum), '{}') AS numbers,
           coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}') AS names,
           coalesce(array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum), '{}') AS types,
           coalesce(array_agg(
               CASE WHEN a.attcollation NOT IN (0, b.typcollation) THEN a.attcollation::regcollation::text END
               ORDER BY a.attnum
           ), '{}') AS collations
    FROM pg_attribute a
    JOIN pg_type b ON b.oid = a.atttypid
    WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
) a
LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0
WHERE t.typnamespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
