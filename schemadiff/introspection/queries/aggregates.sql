-- Aggregates, as pg_dump puts their definitions together: pg_get_functiondef prints none.
SELECT p.oid,
       n.nspname,
       p.proname,
       oidvectortypes(p.proargtypes),
       format(
           E'CREATE AGGREGATE %%I.%%I(%%s) (\n    %%s\n)',
           n.nspname,
           p.proname,
           coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*'),
           concat_ws(
               E',\n    ',
               'SFUNC = ' || a.aggtransfn::regproc,
               'STYPE = ' || format_type(a.aggtranstype, NULL),
               'SSPACE = ' || nullif(a.aggtransspace, 0),
               'FINALFUNC = ' || nullif(a.aggfinalfn, 0)::regproc,
               CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
               'FINALFUNC_MODIFY = ' || CASE
                   WHEN a.aggfinalfn = 0 OR a.aggfinalmodify = CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN NULL
                   ELSE CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END
               END,
               'COMBINEFUNC = ' || nullif(a.aggcombinefn, 0)::regproc,
               'SERIALFUNC = ' || nullif(a.aggserialfn, 0)::regproc,
               'DESERIALFUNC = ' || nullif(a.aggdeserialfn, 0)::regproc,
               'INITCOND = ' || quote_literal(a.agginitval),
               'MSFUNC = ' || nullif(a.aggmtransfn, 0)::regproc,
               'MINVFUNC = ' || nullif(a.aggminvtransfn, 0)::regproc,
               'MSTYPE = ' || CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
               'MSSPACE = ' || nullif(a.aggmtransspace, 0),
               'MFINALFUNC = ' || nullif(a.aggmfinalfn, 0)::regproc,
               CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
               'MFINALFUNC_MODIFY = ' || CASE
                   WHEN a.aggmfinalfn = 0 OR a.aggmfinalmodify = CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN NULL
                   ELSE CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END
               END,
               'MINITCOND = ' || quote_literal(a.aggminitval),
               'SORTOP = ' || (
                   SELECT format('OPERATOR(%%I.%%s)', s.nspname, o.oprname)
                   FROM pg_operator o JOIN pg_namespace s ON s.oid = o.oprnamespace WHERE o.oid = a.aggsortop
               ),
               CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
               'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END
           )
       ),
       pg_get_function_result(p.oid),
       d.description
FROM pg_aggregate a
JOIN pg_proc p ON p.oid = a.aggfnoid
JOIN pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_proc'::regclass AND d.objoid = p.oid AND d.objsubid = 0
WHERE p.pronamespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
  )
