-- What roles may still write, by a right of their own, of PUBLIC, of roles that they belong to, or of roles that they can
-- become by SET ROLE.
WITH becoming AS (
    SELECT a.rolname, m.oid, m.rolname AS other
    FROM pg_roles a JOIN pg_roles m ON m.oid = a.oid OR pg_has_role(a.oid, m.oid, %(becomes)s)
    WHERE a.rolname = ANY (%(roles)s)
)
SELECT b.rolname, n.nspname || '.' || c.relname, min(b.other) FILTER (WHERE b.other <> b.rolname),
       bool_or(b.other = b.rolname)
FROM unnest(%(relations)s::text[]) AS given (name) JOIN pg_class c ON c.oid = to_regclass(given.name)
JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN becoming b
WHERE has_table_privilege(b.oid, c.oid, %(writes)s) OR has_any_column_privilege(b.oid, c.oid, 'INSERT, UPDATE')
GROUP BY b.rolname, n.nspname, c.relname
ORDER BY b.rolname, n.nspname, c.relname
