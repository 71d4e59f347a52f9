-- Row-level security policies of tables; polroles holds 0 for PUBLIC.
SELECT p.oid,
       p.polrelid,
       p.polname,
       p.polcmd::text,
       p.polpermissive,
       ARRAY(
           SELECT r.rolname::text FROM unnest(p.polroles) role (oid) JOIN pg_roles r ON r.oid = role.oid
           ORDER BY r.rolname COLLATE "C"
       ),
       pg_get_expr(p.polqual, p.polrelid),
       pg_get_expr(p.polwithcheck, p.polrelid),
       d.description
FROM pg_policy p
LEFT JOIN pg_description d ON d.classoid = 'pg_policy'::regclass AND d.objoid = p.oid AND d.objsubid = 0
WHERE p.polrelid = ANY(%(relations)s::oid[])
