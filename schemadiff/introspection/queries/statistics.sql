-- Extended statistics objects of tables and materialized views.
SELECT s.oid,
       s.stxrelid,
       n.nspname,
       s.stxname,
       pg_get_statisticsobjdef(s.oid),
       CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget::integer END,  -- the default is -1 up to 16, NULL since
       d.description
FROM pg_statistic_ext s
JOIN pg_class c ON c.oid = s.stxrelid
JOIN pg_namespace n ON n.oid = s.stxnamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_statistic_ext'::regclass AND d.objoid = s.oid AND d.objsubid = 0
WHERE s.stxrelid = ANY(%(relations)s::oid[])
  AND c.relkind IN ('r', 'p', 'm', 'f')
