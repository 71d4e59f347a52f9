-- Tables and views outside a schema that a key, view, default or trigger ties to something in it.
WITH inside AS (SELECT oid FROM pg_namespace WHERE nspname = %s),
things AS (
    SELECT 'pg_class'::regclass AS class, oid FROM pg_class WHERE relnamespace IN (SELECT oid FROM inside)
    UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace IN (SELECT oid FROM inside)
    UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace IN (SELECT oid FROM inside))
SELECT DISTINCT n.nspname || '.' || c.relname FROM pg_depend d
JOIN things t ON t.class = d.refclassid AND t.oid = d.refobjid
LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
JOIN pg_class c ON c.oid = coalesce(k.conrelid, w.ev_class, f.adrelid, g.tgrelid,
                                    CASE WHEN d.classid = 'pg_class'::regclass THEN d.objid END)
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace NOT IN (SELECT oid FROM inside) AND n.nspname NOT LIKE 'pg\_%%'
ORDER BY 1
