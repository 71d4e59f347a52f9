-- The columns of a unique index, where two rows collide exactly if all of these are equal: no expressions, no condition,
-- checked at once, NULLs distinct (which PostgreSQL 14 has no word for).
SELECT array_agg(a.attname::text ORDER BY k.place)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
CROSS JOIN LATERAL pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k (number, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indrelid = pg_catalog.to_regclass(%(table)s) AND c.relname = %(index)s AND k.place <= i.indnkeyatts
  AND i.indisunique AND i.indimmediate AND i.indexprs IS NULL AND i.indpred IS NULL
  AND pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct' IS DISTINCT FROM 'true'
