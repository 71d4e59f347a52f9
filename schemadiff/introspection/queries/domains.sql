-- Domains, each with its NOT NULL's name and its checks as arrays (names, definitions).
SELECT t.oid,
       t.typarray,
       n.nspname,
       t.typname,
       format_type(t.typbasetype, t.typtypmod),
       CASE WHEN t.typcollation NOT IN (0, b.typcollation) THEN t.typcollation::regcollation::text END,
       pg_get_expr(t.typdefaultbin, 0),  -- a text alone is the base type's own default
       t.typnotnull,
       c.not_null,
       c.oids,
       c.names,
       c.definitions,
       d.description
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type b ON b.oid = t.typbasetype
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(k.oid), '{}') AS oids,
           coalesce(array_agg(k.conname::text ORDER BY k.conname) FILTER (WHERE k.contype = 'c'), '{}') AS names,
           coalesce(
               array_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname) FILTER (WHERE k.contype = 'c'), '{}'
           ) AS definitions,
           -- since 17 NOT NULL has a row as well; typnotnull says it on every version
           max(k.conname::text) FILTER (WHERE k.contype = 'n') AS not_null
    FROM pg_constraint k
    WHERE k.contypid = t.oid
) c
LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0
WHERE t.typtype = 'd'
  AND t.typnamespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
