-- What somebody did to PostgreSQL's own objects and to extensions': pg_dump writes their privileges, where those are
-- not as initdb or the extension left them, and policies on their tables. Neither is compared itself.
WITH member AS MATERIALIZED (
    SELECT classid, objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
), listed (classid, objid, objsubid, namespace, owner, acl, acltype) AS (
    SELECT 'pg_class'::regclass, oid, 0, relnamespace, relowner, relacl, CASE WHEN relkind = 'S' THEN 's' ELSE 'r' END::"char"
    FROM pg_class WHERE relacl IS NOT NULL
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, 0, pronamespace, proowner, proacl, 'f' FROM pg_proc WHERE proacl IS NOT NULL
    UNION ALL
    SELECT 'pg_type'::regclass, oid, 0, typnamespace, typowner, typacl, 'T' FROM pg_type WHERE typacl IS NOT NULL
    UNION ALL
    SELECT 'pg_namespace'::regclass, oid, 0, oid, nspowner, nspacl, 'n'
    FROM pg_namespace WHERE nspacl IS NOT NULL
    UNION ALL
    SELECT 'pg_language'::regclass, oid, 0, 0, lanowner, lanacl, 'l' FROM pg_language WHERE lanacl IS NOT NULL AND lanispl
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, 0, fdwowner, fdwacl, 'F'
    FROM pg_foreign_data_wrapper WHERE fdwacl IS NOT NULL
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, oid, 0, 0, srvowner, srvacl, 'S'
    FROM pg_foreign_server WHERE srvacl IS NOT NULL
    UNION ALL
    SELECT 'pg_class'::regclass, a.attrelid, a.attnum, c.relnamespace, c.relowner, a.attacl, 'c'
    FROM (  -- found by the index on attrelid
        SELECT s.* FROM pg_attribute s WHERE s.attrelid < 16384
        UNION ALL
        SELECT s.*
        FROM member m
        JOIN pg_attribute s ON s.attrelid = m.objid
        WHERE m.classid = 'pg_class'::regclass AND m.objid >= 16384
    ) a
    JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
), others AS (
    SELECT l.*, m.objid IS NOT NULL AS of_extension
    FROM listed l
    LEFT JOIN member m USING (classid, objid)
    -- information_schema's are in no dump
    WHERE l.objid < 16384 AND l.namespace = 'pg_catalog'::regnamespace OR m.objid IS NOT NULL
), found (kind, classid, objid, objsubid) AS (
    SELECT CASE WHEN o.of_extension THEN 'privileges on an extension''s object' ELSE 'privileges on a system object' END,
           o.classid, o.objid, o.objsubid
    FROM others o
    LEFT JOIN pg_init_privs i ON i.classoid = o.classid AND i.objoid = o.objid AND i.objsubid = o.objsubid
    CROSS JOIN LATERAL (SELECT coalesce(i.initprivs, acldefault(o.acltype, o.owner))) g (given)
    WHERE NOT (o.acl @> g.given AND g.given @> o.acl)
    UNION ALL
    SELECT 'policy on an extension''s table', 'pg_policy'::regclass, p.oid, 0
    FROM pg_policy p
    JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = p.polrelid
)
SELECT f.kind, count(*), (array_agg(n.name ORDER BY n.name COLLATE "C"))[1:20]
FROM found f
CROSS JOIN LATERAL pg_identify_object(f.classid, f.objid, f.objsubid) i
CROSS JOIN LATERAL (SELECT concat_ws(' ', i.type, i.identity)) n (name)
GROUP BY f.kind
