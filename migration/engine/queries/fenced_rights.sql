-- The rights to write that roles have on relations: for each the statement that gives it back and the one that takes it.
WITH relations AS (
    SELECT c.oid, c.relowner, c.relacl, format('%%I.%%I', n.nspname, c.relname) AS name
    FROM unnest(%(relations)s::text[]) AS given (name) JOIN pg_class c ON c.oid = to_regclass(given.name)
    JOIN pg_namespace n ON n.oid = c.relnamespace
), rights AS (
    SELECT c.relowner, c.name, a.grantee, a.is_grantable, a.privilege_type AS word,
           a.privilege_type, 0 AS place
    FROM relations c CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
    UNION ALL
    -- What is granted on columns is no right on the table, and goes with one that is taken from it.
    SELECT c.relowner, c.name, a.grantee, a.is_grantable, format('%%s (%%I)', a.privilege_type, t.attname),
           a.privilege_type, t.attnum
    FROM relations c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped
    CROSS JOIN LATERAL aclexplode(t.attacl) a
)
SELECT format(
           'GRANT %%s ON %%s TO %%I%%s',
           string_agg(g.word, ', ' ORDER BY g.place, g.word), g.name, r.rolname, o.options
       ),
       format('REVOKE %%s ON %%s FROM %%I', string_agg(g.word, ', ' ORDER BY g.place, g.word), g.name, r.rolname)
FROM rights g JOIN pg_roles r ON r.oid = g.grantee
CROSS JOIN LATERAL (
    SELECT CASE WHEN g.is_grantable AND g.relowner <> r.oid THEN ' WITH GRANT OPTION' ELSE '' END
) AS o (options)
WHERE r.rolname = ANY (%(roles)s) AND g.privilege_type = ANY (%(writes)s)
GROUP BY g.name, r.rolname, o.options
ORDER BY g.name, r.rolname, o.options
