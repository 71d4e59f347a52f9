-- Security labels; those of databases, roles and tablespaces are the whole server's.
SELECT s.classoid, s.objoid, s.objsubid, s.provider, s.label
FROM pg_seclabel s
WHERE NOT EXISTS (  -- members of an extension
    SELECT FROM pg_depend e
    WHERE e.classid = s.classoid AND e.objid = s.objoid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
)
