-- Whose objects are and what their access lists say, where somebody else than the database's owner has them or a
-- list is written down. NULL as owner: the database's owner, or what PostgreSQL gives by itself.
WITH base AS (
    SELECT datdba FROM pg_database WHERE datname = current_database()
), owned (classid, objid, owner, acl, acltype) AS (
    SELECT 'pg_class'::regclass, oid, relowner, relacl, CASE WHEN relkind = 'S' THEN 's' ELSE 'r' END::"char"
    FROM pg_class
    WHERE relnamespace = ANY(%(schemas)s::oid[]) AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, proowner, proacl, 'f'
    FROM pg_proc WHERE pronamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_type'::regclass, oid, typowner, typacl, 'T'
    FROM pg_type WHERE typnamespace = ANY(%(schemas)s::oid[]) AND typtype IN ('e', 'd', 'c', 'r', 'b')
    UNION ALL
    SELECT 'pg_namespace'::regclass, oid, nspowner, nspacl, 'n'
    FROM pg_namespace WHERE oid = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_language'::regclass, oid, lanowner, lanacl, 'l' FROM pg_language WHERE lanispl
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, oid, fdwowner, fdwacl, 'F' FROM pg_foreign_data_wrapper
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, oid, srvowner, srvacl, 'S' FROM pg_foreign_server
    UNION ALL
    SELECT 'pg_largeobject'::regclass, oid, lomowner, lomacl, 'L' FROM pg_largeobject_metadata
    UNION ALL
    -- what has an owner and no access list
    SELECT 'pg_statistic_ext'::regclass, oid, stxowner, NULL, NULL
    FROM pg_statistic_ext WHERE stxnamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_operator'::regclass, oid, oprowner, NULL, NULL
    FROM pg_operator WHERE oprnamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_opclass'::regclass, oid, opcowner, NULL, NULL
    FROM pg_opclass WHERE opcnamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_opfamily'::regclass, oid, opfowner, NULL, NULL
    FROM pg_opfamily WHERE opfnamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_collation'::regclass, oid, collowner, NULL, NULL
    FROM pg_collation WHERE collnamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_conversion'::regclass, oid, conowner, NULL, NULL
    FROM pg_conversion WHERE connamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_ts_config'::regclass, oid, cfgowner, NULL, NULL
    FROM pg_ts_config WHERE cfgnamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_ts_dict'::regclass, oid, dictowner, NULL, NULL
    FROM pg_ts_dict WHERE dictnamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_event_trigger'::regclass, oid, evtowner, NULL, NULL FROM pg_event_trigger
    UNION ALL
    SELECT 'pg_publication'::regclass, oid, pubowner, NULL, NULL
    FROM pg_publication WHERE pubname !~ '^schemadiff_[0-9a-f]{32}$'
    UNION ALL
    SELECT 'pg_subscription'::regclass, oid, subowner, NULL, NULL
    FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
), unusual AS (
    SELECT o.*,
           n.oid IS NOT NULL AND (  -- the schema public: pg_database_owner's since 15, before the first superuser's
               pg_get_userbyid(o.owner) = 'pg_database_owner'
               OR o.owner = 10 AND current_setting('server_version_num')::int < 150000
           ) AS given,
           n.oid IS NOT NULL AS is_public
    FROM owned o
    CROSS JOIN base b
    LEFT JOIN pg_namespace n ON o.classid = 'pg_namespace'::regclass AND n.oid = o.objid AND n.nspname = 'public'
    WHERE o.acl IS NOT NULL OR o.owner <> b.datdba OR n.oid IS NOT NULL
    OFFSET 0  -- first, for they are few
)
SELECT u.classid::oid,
       u.objid,
       CASE
           WHEN u.owner = b.datdba OR u.given THEN NULL
           WHEN u.objid < 16384 AND u.classid <> 'pg_namespace'::regclass THEN NULL  -- initdb's languages
           ELSE pg_get_userbyid(u.owner)
       END,
       pg_get_userbyid(u.owner),
       coalesce(u.acl, d.usual)::text[],
       CASE
           -- initdb grants everybody this much; made anew, the schema has it no more
           WHEN u.is_public THEN d.usual::text[] || concat(
               CASE WHEN current_setting('server_version_num')::int < 150000 THEN '=UC/' ELSE '=U/' END,
               quote_ident(pg_get_userbyid(u.owner))
           )
           ELSE coalesce(i.initprivs, d.usual)::text[]
       END,
       d.usual::text[]
FROM unusual u
CROSS JOIN base b
CROSS JOIN LATERAL (
    SELECT CASE WHEN u.acltype IS NULL THEN '{}' ELSE acldefault(u.acltype, u.owner) END AS usual
) d
LEFT JOIN pg_init_privs i ON i.classoid = u.classid AND i.objoid = u.objid AND i.objsubid = 0 AND u.objid < 16384
WHERE NOT EXISTS (  -- members of an extension; array types, row types, a range's constructors
    SELECT FROM pg_depend e
    WHERE e.classid = u.classid AND e.objid = u.objid
      AND (e.deptype = 'e' OR e.deptype = 'i' AND u.classid IN ('pg_type'::regclass, 'pg_proc'::regclass))
    OFFSET 0
)
