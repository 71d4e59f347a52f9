-- A text that a change of the schema changes; statistics, sizes and visibility are not part of it.
WITH schemas AS (
    SELECT oid, nspname FROM pg_catalog.pg_namespace
    WHERE nspname NOT IN ('information_schema', 'schemadiff') AND nspname NOT LIKE 'pg\_%'
),
relations AS (
    SELECT c.* FROM pg_catalog.pg_class c JOIN schemas s ON s.oid = c.relnamespace
),
entries (entry) AS (
    SELECT concat_ws(' ', 's', s.oid, s.nspname) FROM schemas s
    UNION ALL SELECT concat_ws(' ', 'r', c.oid, c.relnamespace, c.relkind, c.relname) FROM relations c
    UNION ALL SELECT concat_ws(' ', 'a', a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
                               a.attisdropped, a.attidentity, a.attgenerated)
              FROM pg_catalog.pg_attribute a JOIN relations c ON c.oid = a.attrelid WHERE a.attnum > 0
    UNION ALL SELECT concat_ws(' ', 'd', d.oid, pg_catalog.md5(d.adbin::text))
              FROM pg_catalog.pg_attrdef d JOIN relations c ON c.oid = d.adrelid
    UNION ALL SELECT concat_ws(' ', 'k', k.oid, k.conname, k.convalidated)
              FROM pg_catalog.pg_constraint k JOIN schemas s ON s.oid = k.connamespace
    UNION ALL SELECT concat_ws(' ', 't', t.oid, t.tgname, t.tgenabled)
              FROM pg_catalog.pg_trigger t JOIN relations c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL SELECT concat_ws(' ', 'y', t.oid, t.typname)
              FROM pg_catalog.pg_type t JOIN schemas s ON s.oid = t.typnamespace
    UNION ALL SELECT concat_ws(' ', 'e', e.oid, e.enumlabel, e.enumsortorder) FROM pg_catalog.pg_enum e
    UNION ALL SELECT concat_ws(' ', 'p', p.oid, p.proname, pg_catalog.md5(p.prosrc))
              FROM pg_catalog.pg_proc p JOIN schemas s ON s.oid = p.pronamespace
)
SELECT pg_catalog.md5(coalesce(pg_catalog.string_agg(entry, '|' ORDER BY entry COLLATE "C"), '')) FROM entries
