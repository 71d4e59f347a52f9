-- The primary key, else the narrowest complete unique index without NULLs.
SELECT array_agg(a.attname::text ORDER BY k.place),
       array_agg(pg_catalog.format_type(t.oid, -1) ORDER BY k.place)
FROM (SELECT i.* FROM pg_catalog.pg_index i
      WHERE i.indrelid = pg_catalog.to_regclass(%(table)s) AND i.indisunique AND i.indisvalid AND i.indislive
        AND i.indpred IS NULL AND i.indexprs IS NULL
        AND (%(among)s::text[] IS NULL OR NOT EXISTS (
            SELECT FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) AS k (attnum)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE a.attname::text <> ALL (%(among)s::text[])))
        AND NOT EXISTS (
            SELECT FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) AS k (attnum)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE NOT a.attnotnull)
      ORDER BY NOT i.indisprimary, i.indnkeyatts, i.indexrelid LIMIT 1) AS i,
     unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = pg_catalog.to_regclass(%(table)s) AND a.attnum = k.attnum
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
