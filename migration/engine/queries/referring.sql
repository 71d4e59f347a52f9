-- The foreign keys of all tables that refer to this one, with their columns in pairs. A partition's copy of its
-- parent's key is left out.
SELECT k.conname, cn.nspname, c.relname,
       array_agg(a.attname::text ORDER BY u.place), array_agg(ra.attname::text ORDER BY u.place)
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (own, referred, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own
JOIN pg_catalog.pg_attribute ra ON ra.attrelid = k.confrelid AND ra.attnum = u.referred
WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = pg_catalog.to_regclass(%s)
GROUP BY k.oid, k.conname, cn.nspname, c.relname ORDER BY cn.nspname, c.relname, k.conname
