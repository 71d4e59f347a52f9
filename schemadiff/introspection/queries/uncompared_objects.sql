-- Objects that pg_dump would write and the catalog does not model, in PostgreSQL's own words for them.
WITH found (classid, objid, namespace) AS (
    SELECT 'pg_class'::regclass, oid, relnamespace FROM pg_class WHERE relkind = 'f'
    UNION ALL
    SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type WHERE typtype IN ('b', 'p')
    UNION ALL
    -- with a canonical function: the others are compared
    SELECT 'pg_type'::regclass, t.oid, t.typnamespace
    FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid WHERE r.rngcanonical <> 0
    UNION ALL
    SELECT 'pg_statistic_ext'::regclass, s.oid, s.stxnamespace
    FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid
    WHERE c.relkind = 'f'  -- those of other relations are compared
    UNION ALL
    -- objects of no schema; namespace 0
    SELECT 'pg_subscription'::regclass, oid, 0 FROM pg_subscription
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())  -- other databases'
      AND NOT has_column_privilege('pg_subscription', 'subconninfo', 'SELECT')        -- else they are compared
    UNION ALL
    SELECT 'pg_user_mapping'::regclass, umid, 0 FROM pg_user_mappings
    WHERE NOT has_table_privilege('pg_user_mapping', 'SELECT')  -- their options cannot be read
    UNION ALL
    SELECT 'pg_largeobject'::regclass, oid, 0 FROM pg_largeobject_metadata
)
SELECT k.kind, count(*), (array_agg(i.identity ORDER BY i.identity COLLATE "C"))[1:20]
FROM found f
CROSS JOIN LATERAL pg_identify_object(f.classid, f.objid, 0) i
LEFT JOIN pg_type t ON f.classid = 'pg_type'::regclass AND t.oid = f.objid
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN t.typtype = 'r' THEN 'range type'
        WHEN t.typtype = 'b' THEN 'base type'
        WHEN t.typtype = 'p' THEN 'shell type'  -- named and never defined
        ELSE i.type
    END AS kind
) k
WHERE f.objid >= 16384                                         -- below are initdb's objects
  AND (f.namespace = 0 OR f.namespace = ANY(%(schemas)s::oid[]))
  AND i.type IS NOT NULL                                       -- dropped meanwhile
  AND NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = f.classid AND e.objid = f.objid
        AND (
            e.deptype = 'e'  -- members of an extension
            OR e.deptype = 'i'  -- array types, what comes with a range type
        )
  )
GROUP BY k.kind
