-- Base types and shells of types, as pg_dump writes them.
SELECT 'pg_type'::regclass::oid,
       t.oid,
       'base type',
       n.nspname,
       t.typname,
       concat(
           format('CREATE TYPE %%I.%%I', n.nspname, t.typname),
           CASE WHEN t.typisdefined THEN
               E' (\n    ' || concat_ws(
                   E',\n    ',
                   'INTERNALLENGTH = ' || CASE WHEN t.typlen = -1 THEN 'variable' ELSE t.typlen::text END,
                   'INPUT = ' || t.typinput::regproc,
                   'OUTPUT = ' || t.typoutput::regproc,
                   'RECEIVE = ' || nullif(t.typreceive, 0)::regproc,
                   'SEND = ' || nullif(t.typsend, 0)::regproc,
                   'TYPMOD_IN = ' || nullif(t.typmodin, 0)::regproc,
                   'TYPMOD_OUT = ' || nullif(t.typmodout, 0)::regproc,
                   'ANALYZE = ' || nullif(t.typanalyze, 0)::regproc,
                   'SUBSCRIPT = ' || nullif(t.typsubscript, 0)::regproc,
                   CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END,
                   'DEFAULT = ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)),
                   'ELEMENT = ' || format_type(nullif(t.typelem, 0), NULL),
                   'CATEGORY = ' || quote_literal(nullif(t.typcategory, 'U')::text),
                   CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,
                   'DELIMITER = ' || quote_literal(nullif(t.typdelim, ',')::text),
                   'ALIGNMENT = ' || CASE t.typalign
                       WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double'
                   END,
                   'STORAGE = ' || CASE t.typstorage
                       WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' ELSE 'main'
                   END,
                   CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END
               ) || E'\n)'
           END
       ),
       '{}'::text[],
       d.description
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0
WHERE (t.typtype = 'b' OR t.typtype = 'p' AND NOT t.typisdefined)  -- a shell is a pseudo-type until it is defined
  AND t.oid >= 16384
  AND t.typnamespace = ANY(%(schemas)s::oid[])
  AND NOT EXISTS (  -- members of an extension; array types, which come with their elements'
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype IN ('e', 'i')
  )
