-- Properties of objects that pg_dump would write and the catalog does not model.
-- `relations` are the tables and views of the catalog, `schemas` its schemas.
WITH relation AS (
    SELECT c.oid, c.relname, n.nspname, c.relkind, c.relacl, c.relowner, c.reloptions, c.reltablespace,
           c.relam, c.relreplident, c.relrowsecurity, c.relforcerowsecurity, c.reloftype, c.relispartition,
           c.relpersistence, c.reltoastrelid, format('%%I.%%I', n.nspname, c.relname) AS name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relnamespace = ANY(%(schemas)s::oid[])
      AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
      AND NOT EXISTS (  -- members of an extension
          SELECT FROM pg_depend e
          WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
      )
), owned (classid, objid, type, owner, acl, name, default_acl) AS (
    SELECT 'pg_class'::regclass, r.oid, NULL::"char", r.relowner, r.relacl, r.name,
           acldefault(CASE WHEN r.relkind = 'S' THEN 's' ELSE 'r' END::"char", r.relowner)
    FROM relation r WHERE r.relkind NOT IN ('i', 'I')
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, NULL, p.proowner, p.proacl,
           format('%%s(%%s)', p.oid::regproc, oidvectortypes(p.proargtypes)), acldefault('f', p.proowner)
    FROM pg_proc p WHERE p.pronamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, NULL, t.typowner, t.typacl, t.oid::regtype::text, acldefault('T', t.typowner)
    FROM pg_type t
    WHERE t.typnamespace = ANY(%(schemas)s::oid[])
      AND t.typtype IN ('e', 'd', 'r', 'b')
    UNION ALL
    SELECT 'pg_namespace'::regclass, n.oid, NULL, n.nspowner, n.nspacl, quote_ident(n.nspname),
           acldefault('n', n.nspowner)
    FROM pg_namespace n WHERE n.oid = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_language'::regclass, l.oid, NULL, l.lanowner, l.lanacl, quote_ident(l.lanname),
           acldefault('l', l.lanowner)
    FROM pg_language l WHERE l.lanispl
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, NULL, w.fdwowner, w.fdwacl, quote_ident(w.fdwname),
           acldefault('F', w.fdwowner)
    FROM pg_foreign_data_wrapper w
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, s.oid, NULL, s.srvowner, s.srvacl, quote_ident(s.srvname),
           acldefault('S', s.srvowner)
    FROM pg_foreign_server s
    UNION ALL
    SELECT 'pg_largeobject'::regclass, o.oid, NULL, o.lomowner, o.lomacl, o.oid::text, acldefault('L', o.lomowner)
    FROM pg_largeobject_metadata o
), ours AS (
    SELECT o.* FROM owned o
    WHERE NOT EXISTS (  -- members of an extension; array types, row types, a range's constructors
        SELECT FROM pg_depend e
        WHERE e.classid = o.classid AND e.objid = o.objid
          AND (e.deptype = 'e' OR e.deptype = 'i' AND o.classid IN ('pg_type'::regclass, 'pg_proc'::regclass))
    )
), attribute AS (
    SELECT a.*, r.name || '.' || quote_ident(a.attname) AS name, r.relkind
    FROM pg_attribute a
    JOIN relation r ON r.oid = a.attrelid
    WHERE a.attnum > 0 AND NOT a.attisdropped
), found (kind, name) AS (
    SELECT 'privileges', o.name
    FROM ours o
    WHERE o.acl IS NOT NULL
      AND NOT (o.acl @> o.default_acl AND o.acl <@ o.default_acl)
      AND NOT EXISTS (  -- as initdb left them (schema public, the languages)
          SELECT FROM pg_init_privs i
          WHERE i.classoid = o.classid AND i.objoid = o.objid AND i.objsubid = 0
            AND i.initprivs @> o.acl AND i.initprivs <@ o.acl
      )
    UNION ALL
    SELECT 'privileges', a.name FROM attribute a WHERE a.attacl IS NOT NULL
    UNION ALL
    SELECT 'owner', format('%%s (%%s)', o.name, pg_get_userbyid(o.owner))
    FROM ours o
    WHERE o.owner <> (SELECT datdba FROM pg_database WHERE datname = current_database())
      AND pg_get_userbyid(o.owner) <> 'pg_database_owner'  -- schema public's since 15
      AND o.objid >= 16384                                 -- initdb's objects
    UNION ALL
    SELECT 'row security', r.name FROM relation r WHERE r.relrowsecurity OR r.relforcerowsecurity
    UNION ALL
    -- an index's are part of its definition, a view's of its options; a constraint's index has no definition
    SELECT 'storage parameters', r.name
    FROM relation r
    LEFT JOIN pg_class t ON t.oid = r.reltoastrelid
    WHERE (r.reloptions IS NOT NULL OR t.reloptions IS NOT NULL)
      AND r.relkind NOT IN ('v', 'm')
      AND NOT (r.relkind IN ('i', 'I') AND NOT EXISTS (
          SELECT FROM pg_constraint k WHERE k.conindid = r.oid AND k.contype IN ('p', 'u', 'x')
      ))
    UNION ALL
    SELECT 'tablespace', r.name FROM relation r WHERE r.reltablespace <> 0
    UNION ALL
    SELECT 'table access method', r.name
    FROM relation r JOIN pg_am m ON m.oid = r.relam
    WHERE r.relkind IN ('r', 'p', 'm') AND m.amname <> 'heap'
    UNION ALL
    SELECT 'replica identity', r.name FROM relation r WHERE r.relkind IN ('r', 'p') AND r.relreplident <> 'd'
    UNION ALL
    SELECT 'clustered index', r.name
    FROM relation r JOIN pg_index i ON i.indexrelid = r.oid
    WHERE i.indisclustered
    UNION ALL
    SELECT 'typed table', r.name FROM relation r WHERE r.reloftype <> 0
    UNION ALL
    SELECT 'inheritance', r.name
    FROM relation r
    WHERE r.relkind IN ('r', 'f') AND NOT r.relispartition
      AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = r.oid)
    UNION ALL
    SELECT 'unlogged sequence', r.name
    FROM relation r
    WHERE r.relkind = 'S' AND r.relpersistence = 'u'
      AND NOT EXISTS (  -- an identity column's follows its table
          SELECT FROM pg_depend i
          WHERE i.classid = 'pg_class'::regclass AND i.objid = r.oid AND i.deptype = 'i'
      )
    UNION ALL
    SELECT 'column storage', a.name
    FROM attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attstorage <> t.typstorage AND a.relkind IN ('r', 'p', 'm', 'f')
    UNION ALL
    SELECT 'column compression', a.name FROM attribute a WHERE a.attcompression <> ''
    UNION ALL
    SELECT 'statistics target', a.name
    FROM attribute a
    WHERE coalesce(a.attstattarget, -1) >= 0  -- the default is -1 up to 16, NULL since
    UNION ALL
    SELECT 'column options', a.name FROM attribute a WHERE a.attoptions IS NOT NULL
    UNION ALL
    -- since 18; before, a NOT NULL had no name, could not be NOT VALID, and was always inherited
    SELECT 'named not null', format('%%s.%%I', r.name, k.conname)
    FROM pg_constraint k
    JOIN relation r ON r.oid = k.conrelid
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'n'
      AND k.conislocal  -- inherited ones follow their parent's
      AND (
          k.connoinherit OR NOT k.convalidated
          OR k.conname <> format('%%s_%%s_not_null', r.relname, a.attname)
             AND NOT (octet_length(r.relname) + octet_length(a.attname) > 53 AND k.conname ~ '_not_null\d*$')
      )
    UNION ALL
    -- since 17
    SELECT 'named not null', format('%%s.%%I', t.oid::regtype, k.conname)
    FROM pg_constraint k
    JOIN pg_type t ON t.oid = k.contypid
    WHERE k.contype = 'n'
      AND t.typnamespace = ANY(%(schemas)s::oid[])
      AND k.conname <> format('%%s_not_null', t.typname)
    UNION ALL
    SELECT 'comment', concat_ws(' ', i.type, i.identity)
    FROM pg_description d
    CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
    WHERE d.objoid >= 16384
      AND (i.schema IS NULL OR i.schema IN (SELECT nspname FROM pg_namespace WHERE oid = ANY(%(schemas)s::oid[])))
      AND NOT (
          d.classoid IN ('pg_namespace'::regclass, 'pg_trigger'::regclass)
          OR d.classoid = 'pg_class'::regclass
             AND d.objoid IN (SELECT r.oid FROM relation r WHERE r.relkind IN ('r', 'p', 'v', 'm', 'S'))
          OR d.classoid = 'pg_class'::regclass
             AND d.objoid IN (SELECT r.oid FROM relation r WHERE r.relkind IN ('i', 'I') AND NOT EXISTS (
                 SELECT FROM pg_constraint k WHERE k.conindid = r.oid AND k.contype IN ('p', 'u', 'x')
             ))
          OR d.classoid = 'pg_type'::regclass
             AND d.objoid IN (SELECT t.oid FROM pg_type t WHERE t.typtype IN ('e', 'd'))
          OR d.classoid = 'pg_proc'::regclass
             AND d.objoid IN (SELECT p.oid FROM pg_proc p WHERE p.prokind <> 'a')
          OR d.classoid = 'pg_constraint'::regclass
             AND d.objoid IN (
                 SELECT k.oid FROM pg_constraint k
                 WHERE k.conrelid IN (SELECT r.oid FROM relation r WHERE r.relkind <> 'f') AND k.contype <> 'n'
             )
          -- an extension's comment is its control file's unless somebody changed it
          OR d.classoid = 'pg_extension'::regclass
             AND EXISTS (
                 SELECT FROM pg_extension x JOIN pg_available_extensions v ON v.name = x.extname
                 WHERE x.oid = d.objoid AND v.comment = d.description
             )
      )
      AND NOT EXISTS (  -- members of an extension
          SELECT FROM pg_depend e
          WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e'
      )
    UNION ALL
    SELECT 'security label', concat_ws(' ', i.type, i.identity)
    FROM pg_seclabel s
    CROSS JOIN LATERAL pg_identify_object(s.classoid, s.objoid, s.objsubid) i
    UNION ALL
    SELECT 'database setting', concat_ws(' for ', split_part(setting, '=', 1), nullif(pg_get_userbyid(s.setrole), 'unknown (OID=0)'))
    FROM pg_db_role_setting s
    CROSS JOIN LATERAL unnest(s.setconfig) setting
    WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT kind, count(*), (array_agg(name ORDER BY name COLLATE "C"))[1:20]
FROM found
GROUP BY kind
