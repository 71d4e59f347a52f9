-- Rewrite rules of tables and views.
SELECT w.oid,
       w.ev_class,
       w.rulename,
       pg_get_ruledef(w.oid),
       w.ev_enabled::text,
       d.description
FROM pg_rewrite w
JOIN pg_class c ON c.oid = w.ev_class
LEFT JOIN pg_description d ON d.classoid = 'pg_rewrite'::regclass AND d.objoid = w.oid AND d.objsubid = 0
WHERE w.ev_class = ANY(%(relations)s::oid[])
  AND NOT (w.rulename = '_RETURN' AND c.relkind IN ('v', 'm'))  -- a view's query
