-- The foreign keys of one table, with their columns in pairs, and the referred column's collation where the
-- other has another one.
SELECT k.conname, rn.nspname, r.relname,
       array_agg(a.attname::text ORDER BY u.place), array_agg(ra.attname::text ORDER BY u.place),
       array_agg(CASE WHEN a.attcollation <> ra.attcollation THEN
           pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) END ORDER BY u.place),
       k.confmatchtype = 'f'
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class r ON r.oid = k.confrelid JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (own, referred, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own
JOIN pg_catalog.pg_attribute ra ON ra.attrelid = k.confrelid AND ra.attnum = u.referred
LEFT JOIN pg_catalog.pg_collation l ON l.oid = ra.attcollation
LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
WHERE k.contype = 'f' AND k.conrelid = pg_catalog.to_regclass(%s)
GROUP BY k.oid, k.conname, k.confmatchtype, rn.nspname, r.relname ORDER BY k.conname
