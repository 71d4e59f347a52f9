-- What new objects of a role are granted. In one schema it comes on top, else it stands for what PostgreSQL grants.
SELECT coalesce(n.nspname, ''),
       pg_get_userbyid(a.defaclrole),
       a.defaclobjtype::text,
       a.defaclacl::text[],
       CASE WHEN a.defaclnamespace = 0 THEN u.usual ELSE '{}' END::text[],
       u.usual::text[]
FROM pg_default_acl a
LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
CROSS JOIN LATERAL (
    SELECT acldefault(CASE a.defaclobjtype WHEN 'S' THEN 's' ELSE a.defaclobjtype END, a.defaclrole) AS usual
) u
WHERE a.defaclnamespace = 0 OR a.defaclnamespace = ANY(%(schemas)s::oid[])
