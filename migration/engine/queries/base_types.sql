-- What types (by name, in this order) are made of: the same, but for domains.
WITH RECURSIVE based AS (
    SELECT k.place, t.oid, t.typtype, t.typbasetype
    FROM unnest(%(types)s::text[]) WITH ORDINALITY AS k (name, place)
    JOIN pg_catalog.pg_type t ON t.oid = pg_catalog.to_regtype(k.name)
    UNION ALL
    SELECT b.place, t.oid, t.typtype, t.typbasetype
    FROM based b JOIN pg_catalog.pg_type t ON t.oid = b.typbasetype
    WHERE b.typtype = 'd')
SELECT pg_catalog.format_type(oid, NULL) FROM based WHERE typtype <> 'd' ORDER BY place
