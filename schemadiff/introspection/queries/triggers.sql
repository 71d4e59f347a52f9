-- Triggers of tables and views.
SELECT t.oid,
       t.tgrelid,
       t.tgname,
       pg_get_triggerdef(t.oid),
       n.nspname,
       p.proname,
       t.tgenabled::text,
       t.tgparentid <> 0,
       d.description
FROM pg_trigger t
JOIN pg_proc p ON p.oid = t.tgfoid
JOIN pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_trigger'::regclass AND d.objoid = t.oid AND d.objsubid = 0
WHERE t.tgrelid = ANY(%(relations)s::oid[])
  -- not those by which foreign keys and deferrable constraints work; up to 14 a partition's shares are internal, too
  AND (NOT t.tgisinternal OR t.tgparentid <> 0 AND t.tgconstrrelid = 0 AND t.tgconstrindid = 0)
  -- a partition's share of its parent's trigger, unless it fires at other times
  AND (t.tgparentid = 0 OR t.tgenabled <> (SELECT a.tgenabled FROM pg_trigger a WHERE a.oid = t.tgparentid))
