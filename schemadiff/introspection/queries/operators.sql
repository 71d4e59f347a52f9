-- Operators and casts, as pg_dump writes them.
SELECT o.classid::oid, o.oid, o.kind, coalesce(n.nspname, ''), o.name, o.definition, o.settings, d.description
FROM (
    SELECT 'pg_operator'::regclass, o.oid, 'operator', o.oprnamespace, o.oprname || s.arguments,
           format(
               E'CREATE OPERATOR %%I.%%s (\n    %%s\n)', n.nspname, o.oprname,
               concat_ws(
                   E',\n    ',
                   'FUNCTION = ' || o.oprcode::regproc,
                   'LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL),
                   'RIGHTARG = ' || format_type(nullif(o.oprright, 0), NULL),
                   'COMMUTATOR = ' || ('OPERATOR(' || quote_ident(cn.nspname) || '.' || c.oprname || ')'),
                   'NEGATOR = ' || ('OPERATOR(' || quote_ident(gn.nspname) || '.' || g.oprname || ')'),
                   CASE WHEN o.oprcanmerge THEN 'MERGES' END,
                   CASE WHEN o.oprcanhash THEN 'HASHES' END
               )
           ),
           ARRAY(
               SELECT ARRAY[word, function::regproc::text]
               FROM (VALUES ('join', o.oprjoin), ('restrict', o.oprrest)) estimator (word, function)
               WHERE function <> 0
           )
    FROM pg_operator o
    JOIN pg_namespace n ON n.oid = o.oprnamespace
    CROSS JOIN LATERAL (
        SELECT format(
            '(%%s, %%s)', coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE'), format_type(o.oprright, NULL)
        )
    ) s (arguments)
    LEFT JOIN pg_operator c ON c.oid = o.oprcom
    LEFT JOIN pg_namespace cn ON cn.oid = c.oprnamespace
    LEFT JOIN pg_operator g ON g.oid = o.oprnegate
    LEFT JOIN pg_namespace gn ON gn.oid = g.oprnamespace
    WHERE o.oprcode <> 0  -- named as another's commutator or negator and never defined
      AND o.oprnamespace = ANY(%(schemas)s::oid[])
    UNION ALL
    SELECT 'pg_cast'::regclass, c.oid, 'cast', 0, s.arguments,
           concat(
               format('CREATE CAST (%%s) ', s.arguments),
               CASE c.castmethod
                   WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure
                   WHEN 'i' THEN 'WITH INOUT'
                   ELSE 'WITHOUT FUNCTION'
               END,
               CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' END
           ),
           '{}'::text[]
    FROM pg_cast c
    CROSS JOIN LATERAL (
        SELECT format('%%s AS %%s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL))
    ) s (arguments)
    WHERE c.oid >= 16384
) o (classid, oid, kind, namespace, name, definition, settings)
LEFT JOIN pg_namespace n ON n.oid = o.namespace
LEFT JOIN pg_description d ON d.classoid = o.classid AND d.objoid = o.oid AND d.objsubid = 0
WHERE o.oid >= 16384
  AND NOT EXISTS (  -- members of an extension; the cast that comes with a range type
      SELECT FROM pg_depend e WHERE e.classid = o.classid AND e.objid = o.oid AND e.deptype IN ('e', 'i')
  )
