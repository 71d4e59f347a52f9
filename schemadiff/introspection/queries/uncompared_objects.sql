-- Objects that pg_dump would write and the catalog does not model, in PostgreSQL's own words for them.
WITH found (classid, objid, namespace) AS (
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
SELECT i.type, count(*), (array_agg(i.identity ORDER BY i.identity COLLATE "C"))[1:20]
FROM found f
CROSS JOIN LATERAL pg_identify_object(f.classid, f.objid, 0) i
WHERE f.objid >= 16384                                         -- below are initdb's objects
  AND (f.namespace = 0 OR f.namespace = ANY(%(schemas)s::oid[]))
  AND i.type IS NOT NULL                                       -- dropped meanwhile
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e WHERE e.classid = f.classid AND e.objid = f.objid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
GROUP BY i.type
