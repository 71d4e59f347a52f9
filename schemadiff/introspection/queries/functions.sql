-- Functions, procedures and window functions. Input types alone tell two of one name apart (pg_proc's unique key).
SELECT p.oid,
       n.nspname,
       p.proname,
       oidvectortypes(p.proargtypes),
       pg_get_functiondef(p.oid),
       pg_get_function_result(p.oid),
       l.lanname,
       p.prokind::text,
       d.description
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_description d ON d.classoid = 'pg_proc'::regclass AND d.objoid = p.oid AND d.objsubid = 0
WHERE p.prokind IN ('f', 'p', 'w')  -- aggregates are read by aggregates.sql
  AND p.pronamespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension, and the constructors that come with a range type
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i')
  )
