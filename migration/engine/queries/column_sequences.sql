-- The sequence of an identity or serial column, or the one that its default takes a value from; and whether an index
-- knows the column's greatest value.
SELECT a.attname, n.nspname, c.relname, s.seqincrement, s.seqmin, s.seqmax,
       EXISTS (SELECT FROM pg_catalog.pg_index x WHERE x.indrelid = a.attrelid AND x.indkey[0] = a.attnum
               AND x.indisvalid AND x.indpred IS NULL)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class t ON t.oid = a.attrelid
CROSS JOIN LATERAL (
    SELECT d.objid AS oid FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
    UNION
    SELECT d.refobjid FROM pg_catalog.pg_attrdef f
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                               AND d.objid = f.oid
     AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum) AS o
JOIN pg_catalog.pg_class c ON c.oid = o.oid AND c.relkind = 'S'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
WHERE t.oid = pg_catalog.to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum, n.nspname, c.relname
