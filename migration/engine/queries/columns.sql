-- A table's columns in their order, with their types; a domain is followed down to its base type.
WITH RECURSIVE columns AS (
    SELECT a.attname, a.attnum, a.attnotnull, a.attgenerated,
           a.atthasdef OR a.attidentity <> '' AS filled, a.atttypid AS type, a.atttypmod AS modifier
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = pg_catalog.to_regclass(%(table)s) AND a.attnum > 0 AND NOT a.attisdropped
), bases AS (
    SELECT c.*, c.type AS base, c.modifier AS base_modifier FROM columns c
    UNION ALL
    SELECT b.attname, b.attnum, b.attnotnull, b.attgenerated, b.filled, b.type, b.modifier, t.typbasetype,
           CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.base_modifier END
    FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.base AND t.typtype = 'd'
)
SELECT b.attname, b.attnotnull, b.attgenerated <> '',
       pg_catalog.format_type(b.base, b.base_modifier), pg_catalog.format_type(b.base, -1),
       t.typtype, n.nspname = 'pg_catalog', t.typelem <> 0 AND t.typlen = -1,
       coalesce(e.typtype IN ('b', 'r', 'm') AND en.nspname = 'pg_catalog', true),
       t.typname, coalesce(e.typname, ''), t.typsend <> 0 AND t.typreceive <> 0,
       b.filled OR EXISTS (SELECT FROM pg_catalog.pg_type d WHERE d.oid = b.type AND d.typdefault IS NOT NULL),
       b.attnum
FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.base AND t.typtype <> 'd'
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typlen = -1
LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace
ORDER BY b.attnum
