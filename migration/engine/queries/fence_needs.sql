-- What the role of this session lacks to fence others, each as the statement that mends it.
WITH fenced AS (
    SELECT r.oid, r.rolname FROM pg_roles r WHERE r.rolname = ANY (%(roles)s)
), me AS (
    SELECT oid, rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user
)
SELECT format('ALTER ROLE %%I CREATEROLE', me.rolname) FROM me WHERE NOT rolsuper AND NOT rolcreaterole
UNION ALL
-- From PostgreSQL 16 on CREATEROLE alters only what one may administer.
(SELECT format('GRANT %%I TO %%I WITH ADMIN OPTION', f.rolname, me.rolname)
 FROM fenced f CROSS JOIN me
 WHERE NOT me.rolsuper AND current_setting('server_version_num')::int >= 160000
   AND NOT pg_has_role(me.oid, f.oid, 'MEMBER WITH ADMIN OPTION')
 ORDER BY f.rolname)
UNION ALL
SELECT format('GRANT pg_signal_backend TO %%I', me.rolname)
FROM me
WHERE NOT me.rolsuper AND NOT pg_has_role(me.oid, 'pg_signal_backend', 'USAGE')
  AND EXISTS (SELECT FROM fenced f WHERE NOT pg_has_role(me.oid, f.oid, 'USAGE'))
UNION ALL
(SELECT DISTINCT format('GRANT %%I TO %%I', o.rolname, me.rolname)
 FROM unnest(%(relations)s::text[]) AS given (name) JOIN pg_class c ON c.oid = to_regclass(given.name)
 JOIN pg_roles o ON o.oid = c.relowner CROSS JOIN me JOIN fenced f
   ON has_table_privilege(f.oid, c.oid, %(writes)s) OR has_any_column_privilege(f.oid, c.oid, 'INSERT, UPDATE')
 WHERE NOT me.rolsuper AND NOT pg_has_role(me.oid, o.oid, 'USAGE') ORDER BY 1)
